"""What reconciling found, as tables for terminals and JSON for programs. Amounts are exact in both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

from finops.app.reconciliation.reconcile import Reconciled
from finops.model.period import Period, month_start
from finops.model.reconciliation import Agreement, Comparison, Level, Line
from finops.model.wording import count_text

_STYLE = {
    Agreement.AGREES: "green",
    Agreement.DIFFERS: "bold red",
    Agreement.FAILED: "bold red",
    Agreement.UNASKED: "yellow",
}


def as_tables(found: Reconciled, *, most_lines: int) -> Sequence[RenderableType]:
    """The recount, a row a comparison, then the largest ``most_lines`` differences of each that differs."""
    parts: list[RenderableType] = [f"as of {found.as_of:%Y-%m-%d %H:%M} UTC", *_recount(found)]
    summary = Table("Source", "Period", "Against", "", *_numeric("Lake", "Other", "Lake − other"), pad_edge=False)
    for same in _alike(found.comparisons):
        one, last = same[0], same[-1]
        said = Text(one.agreement.value, style=_STYLE[one.agreement])
        months = f"{one.billing_period:%Y-%m}" + (f" … {last.billing_period:%Y-%m}" if last is not one else "")
        numbers = [_numbers(one, pick) for pick in ("lake", "other", "difference")]
        summary.add_row(Text(one.source), months, Text(_against(one)), said, *numbers)
    if found.comparisons:
        parts.append(summary)
    finer = [one for one in found.comparisons if any(line.day or line.service for line in one.lines)]
    parts.extend(_differences(one, most_lines) for one in finer)
    return parts


def as_json(found: Reconciled) -> str:
    """Amounts are decimal strings; ``difference`` is what the lake has more."""
    document = {
        "as_of": f"{found.as_of:%Y-%m-%dT%H:%M:%SZ}",
        "data_version": {"costs": found.version.costs},
        "agrees": found.is_fine,
        "recount": [
            {"source": one.source, "billing_period": one.billing_period.isoformat(), "what": one.what}
            for one in found.mismatches
        ],
        "comparisons": [_comparison(one) for one in found.comparisons],
    }
    return json.dumps(document, indent=1, ensure_ascii=False)


def exact(amount: Decimal, *, sign: str = "") -> str:
    """Every digit that is there, at least two behind the point: ``1,234.50``, ``+0.000000000000001``."""
    digits = max(2, -int(amount.normalize().as_tuple().exponent)) if amount else 2
    return f"{amount:{sign},.{digits}f}"


def _numeric(*headers: str) -> list[Column]:
    return [Column(header, justify="right") for header in headers]


def _recount(found: Reconciled) -> Iterator[RenderableType]:
    for mismatch in found.mismatches:
        yield Text(f"{mismatch.source} {mismatch.billing_period}: {mismatch.what}", style="red")
    if not found.mismatches:
        yield f"every billing period adds up, in costs and in costs_daily (costs version {found.version.costs})"


def _alike(comparisons: Sequence[Comparison]) -> Iterator[list[Comparison]]:
    """Months that nobody could be asked about come together; every other comparison stands alone."""
    for _, same in groupby(comparisons, key=lambda one: (one.source, one.against, one.reason)):
        months = list(same)
        if months[0].agreement is Agreement.UNASKED:
            yield months
        else:
            yield from ([one] for one in months)


def _against(one: Comparison) -> str:
    notes = [one.cost, "the provider calls it an estimate" if one.provisional else "", one.reason]
    return ", ".join([one.against, *filter(None, notes)]).removeprefix(", ")


def _numbers(one: Comparison, pick: str) -> str:
    amounts = [_amount(line, pick) for line in one.totals]
    if one.rows is not None:
        rows = {"lake": one.rows[0], "other": one.rows[1], "difference": one.rows[0] - one.rows[1]}
        amounts.append(f"{rows[pick]:{'+' if pick == 'difference' else ''},} rows")
    return "\n".join(amounts)


def _amount(line: Line, pick: str) -> str:
    return f"{exact(getattr(line, pick), sign='+' if pick == 'difference' else '')} {line.currency}".strip()


def _differences(one: Comparison, most_lines: int) -> RenderableType:
    title = Text(f"{one.source} {one.billing_period:%Y-%m} against {one.against}: where it differs, largest first")
    table = Table("Day (UTC)", "Service", *_numeric("Lake", "Other", "Lake − other"), title=title, title_justify="left")
    for line in one.lines[:most_lines]:
        day = line.day.isoformat() if line.day else "the whole period"
        day += "" if line.settled else "\nnot settled, not evaluated"
        service = Text("" if line.service is None else line.service)
        table.add_row(day, service, *(_amount(line, pick) for pick in ("lake", "other", "difference")))
    notes = []
    if len(one.lines) > most_lines:
        notes.append(f"not shown: {count_text(len(one.lines) - most_lines, 'more line')}; see --lines or --format json")
    period, days, lines = one.differing
    if not period and (days or lines):
        notes.append(
            f"The period adds up; {days} days and {lines} services of days differ. The two sides may count a charge"
            " on different days, or call a service differently"
        )
    table.caption = ". ".join(notes) or None
    table.caption_justify = "left"
    return table


def _comparison(one: Comparison) -> dict[str, Any]:
    period = Period(one.billing_period, month_start(one.billing_period, 1))
    return {
        "source": one.source,
        "period": {"from": period.start.isoformat(), "to": period.end.isoformat()},
        "against": one.against,
        "agreement": one.agreement.value,
        "reason": one.reason,
        "cost": one.cost or None,
        "provisional": one.provisional,
        "rows": {"lake": one.rows[0], "other": one.rows[1]} if one.rows else None,
        "totals": [_line(line) for line in one.totals],
        "differing": dict(zip([level.value for level in Level], one.differing, strict=True)),
        "lines": [
            {
                "day": line.day.isoformat() if line.day else None,
                "service": line.service,
                "settled": line.settled,
                **_line(line),
            }
            for line in one.lines
        ],
    }


def _line(line: Line) -> dict[str, str]:
    amounts = {pick: f"{getattr(line, pick):f}" for pick in ("lake", "other", "difference")}
    return {**amounts, "currency": line.currency}
