"""The quality of a source in words, the same on a terminal and on a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from finops.model.age import age
from finops.model.quality import SourceQuality, Unallocated
from finops.model.untrusted import one_line
from finops.model.wording import amount_text, count_text, moment_text, share_text


def basis(found: SourceQuality, now: datetime) -> str:
    """What the numbers are about: rows, billing periods, age, and how far usage reaches."""
    rows = count_text(found.quality.total.rows, "row")
    months = f"{found.first:%Y-%m}" + (f" to {found.last:%Y-%m}" if found.last != found.first else "")
    usage = f"usage through {moment_text(found.complete_through)}" if found.complete_through else "no usage"
    return f"{rows} of {months}, collected {age(found.collected_at, now)}, {usage}"


def details(found: SourceQuality) -> Iterator[tuple[str, str]]:
    """What it is, and the finding: nulls, repairs, unallocated costs, and what could not be counted."""
    if found.uncounted:
        months = ", ".join(f"{period:%Y-%m}" for period in found.uncounted)
        yield "Not counted (collected by an earlier version)", months
    if found.fixed:
        yield "No longer violated since the previous collection", "; ".join(found.fixed)
    nulls, rows = found.quality.nulls, found.quality.total.rows
    yield "Null in every row", ", ".join(name for name, count in nulls.items() if count == rows) or "no column"
    partly = [f"{name} ({count:,})" for name, count in nulls.items() if count != rows]
    yield "Null in some rows", ", ".join(partly) or "no column"
    months = " to ".join(f"{period:%Y-%m}" for period in sorted({found.delivered[0], found.delivered[-1]}))
    repaired = ", ".join(f"{one_line(what)} ({count:,})" for what, count in found.repaired.items())
    yield f"Repaired values in the newest delivery ({months})", repaired or "none"
    for dimension, one in found.unallocated.items():
        yield f"Without a {dimension}", _unallocated(one)


def change(found: SourceQuality, column: str, rule: str) -> str:
    """Rows more or fewer than before the newest delivery."""
    if found.is_first_delivery:
        return "new"
    rows = found.changed.get(f"{column}: {rule}", 0)
    return f"{rows:+,}" if rows else "0"


def amounts(of: Mapping[str, Decimal]) -> str:
    """Each with its currency."""
    return ", ".join(amount_text(amount, currency) for currency, amount in of.items())


def _unallocated(one: Unallocated) -> str:
    rows = f"{one.rows:,} of {count_text(one.rows_in_all, 'row')}"
    costs = [
        f"{amount_text(amount, currency)} of {amount_text(total, currency)}"
        + (f" ({share_text(amount / total)})" if total else "")
        for currency, total in one.totals.items()
        for amount in (one.amounts.get(currency, Decimal(0)),)
    ]
    return f"{rows}; EffectiveCost {', '.join(costs)}"
