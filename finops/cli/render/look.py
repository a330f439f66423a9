"""A bill at a glance, as lines for terminals and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.text import Text

from finops.app.look import Line, Look
from finops.model.money import format_amount, plain
from finops.model.untrusted import one_line
from finops.model.wording import count_text

_TOP = 5
_BAR = 24
_MOST_MONTHS = 13


def as_text(seen: Look) -> Text:
    return Text("\n").join(_lines(seen))


def as_json(seen: Look) -> str:
    """Amounts are decimal text in ``currency``; shares are numbers."""
    found, finding = seen.survey, seen.finding
    document = {
        "rows": seen.rows,
        "from": found.first.isoformat(),
        "through": found.newest.isoformat(),
        "as_of": seen.as_of.isoformat(),
        "currency": seen.currency,
        "other_currencies": list(found.currencies[1:]),
        "months": [
            {"month": f"{month.start:%Y-%m}", "amount": plain(month.amount, seen.currency), "whole": month.whole}
            for month in seen.months
        ],
        "compared_days": seen.days,
        "services": [_service(line, seen.currency) for line in seen.services],
        "share_without_owner": float(found.unowned),
        "owner_tags": {key: float(share) for key, share in found.owner_tags.items()},
        "budget": plain(seen.budget, seen.currency) if seen.budget is not None else None,
        "finding": finding.to_json() if finding is not None else None,
        "notes": list(found.notes),
        "next": seen.command,
    }
    return json.dumps(document, indent=1, ensure_ascii=False)


def _service(line: Line, currency: str) -> dict[str, str]:
    return {"service": line.name, "amount": plain(line.amount, currency), "before": plain(line.before, currency)}


def _lines(seen: Look) -> Iterator[Text]:
    found, currency = seen.survey, seen.currency
    yield Text(f"{count_text(seen.rows, 'row')} from {found.first} through {found.newest}, {currency}")
    others = ", ".join(found.currencies[1:])
    if others:
        yield Text(f"Also billed in {others}: not included below; 'rates:' in finops.yaml converts them", "yellow")
    yield from _months(seen)
    yield _heading(f"Top services, {count_text(seen.days, 'day')} through {found.newest}")
    total = sum((line.amount for line in seen.services), Decimal(0))
    yield from _amounts(
        [(line.amount, f"{one_line(line.name)}{_share(line.amount, total)}") for line in seen.services[:_TOP]], currency
    )
    if len(seen.services) > _TOP:
        rest = sum((line.amount for line in seen.services[_TOP:]), Decimal(0))
        yield Text(f"  and {count_text(len(seen.services) - _TOP, 'more service')}: {_money(rest, currency)}", "dim")
    if seen.movers:
        yield _heading(f"Largest changes against the {count_text(seen.days, 'day')} before")
        yield from _amounts([(line.change, one_line(line.name)) for line in seen.movers[:_TOP]], currency, plus=True)
    yield _heading("Owners")
    tags = ", ".join(one_line(key) for key in list(found.owner_tags)[:3])
    yield Text(
        f"  {found.unowned:.0%} of the cost has no owner" + (f" (looked at: {tags})" if tags else " (no such tag)")
    )
    yield from _budget(seen)
    for note in found.notes:
        yield Text(f"note: {one_line(note)}", "dim")
    yield _heading("Continue with")
    yield Text(f"  {seen.command}", "bold")


def _months(seen: Look) -> Iterator[Text]:
    yield _heading(f"By month, effective cost without taxes, {seen.currency}")
    shown = seen.months[-_MOST_MONTHS:]
    most = max((month.amount for month in shown), default=Decimal(0))
    width = max(len(format_amount(month.amount, seen.currency)) for month in shown) if shown else 0
    for month in shown:
        amount = format_amount(month.amount, seen.currency).rjust(width)
        bar = "█" * int(month.amount / most * _BAR) if most > 0 else ""
        partial = "" if month.whole else f"  {month.first} through {month.last}"
        yield Text.assemble(f"  {month.start:%Y-%m}  {amount}  ", (bar, "cyan"), (partial, "dim"))


def _budget(seen: Look) -> Iterator[Text]:
    finding = seen.finding
    if seen.budget is None or finding is None:
        yield Text("No budget can be proposed: the bill has no positive cost", "yellow")
        return
    amounts = finding.amount
    if "forecast" in amounts:
        low, high = (amounts[f"forecast_{end}"].amount for end in ("low", "high"))
        last = finding.period
        yield _heading(f"Forecast, {last}")
        text = f"  {_money(amounts['forecast'].amount, seen.currency)}"
        yield Text(f"{text}, 80 % between {_money(low, seen.currency)} and {_money(high, seen.currency)}")
    yield _heading("A first budget: an ordinary month")
    yield Text(
        f"  {_money(seen.budget, seen.currency)} a month; as of {seen.as_of:%Y-%m-%d %H:%M} UTC it is {_state(seen)}"
    )
    yield Text(f"  {finding.reason}")


def _state(seen: Look) -> str:
    finding = seen.finding
    assert finding is not None  # noqa: S101 - asked for with one only
    return f"{finding.state.value} ({finding.severity.value})" if finding.severity else finding.state.value


def _amounts(rows: Sequence[tuple[Decimal, str]], currency: str, *, plus: bool = False) -> Iterator[Text]:
    texts = [format_amount(amount, currency, plus=plus) for amount, _ in rows]
    width = max(map(len, texts), default=0)
    for text, (_, name) in zip(texts, rows, strict=True):
        yield Text(f"  {text.rjust(width)}  {name}")


def _share(amount: Decimal, total: Decimal) -> str:
    return f"  {amount / total:.0%}" if total > 0 else ""


def _money(amount: Decimal, currency: str) -> str:
    return f"{format_amount(amount, currency)} {currency}"


def _heading(text: str) -> Text:
    return Text(f"\n{text}", "bold")
