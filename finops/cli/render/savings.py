"""Claimed savings as a table."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rich.table import Table

from finops.model.saving import PARTS, MeasuredSaving, SavingList
from finops.model.untrusted import one_line
from finops.model.wording import amount_text, change_text

_UNKNOWN = "–"


def savings_table(found: SavingList) -> Table:
    when = f"{found.month:%B %Y}" if found.month else "since each claim"
    table = Table(title=f"Savings, {when}, settled through {found.settled_through or 'no day'}", title_justify="left")
    for head in ("ID", "Scope", "Since", "State"):
        table.add_column(head)
    for head in ("Would have cost", "Cost", "Saved", "90 % interval", "Credited"):
        table.add_column(head, justify="right")
    for one in found.savings:
        claim, saved = one.claim, one.saved
        interval = f"{_money(saved.low, found)} to {_money(saved.high, found)}" if saved else _UNKNOWN
        table.add_row(
            claim.id,
            one_line(claim.scope),
            claim.since.isoformat(),
            one.state.value,
            _money(one.expected, found),
            _money(one.actual, found),
            _money(saved.amount if saved else None, found),
            interval,
            _money(one.credited, found),
        )
    table.add_section()
    table.add_row("Total", *[""] * 7, _money(found.credited, found))
    return table


def savings_words(found: SavingList) -> Iterator[str]:
    """What each was compared with, what it comes from, and who claimed it."""
    for one in found.savings:
        yield one_line(f"{one.claim.id}: {one.reason} Claimed by {one.claim.actor}{_note(one)}.")
        if one.parts is not None:
            parts = (f"{name} {change_text(getattr(one.parts, name), found.currency)}" for name in PARTS)
            yield f"  from {', '.join(parts)}"
        for note in one.notes:
            yield one_line(f"  {note}")


def _note(one: MeasuredSaving) -> str:
    return f": {one.claim.note}" if one.claim.note else ""


def _money(amount: Decimal | None, found: SavingList) -> str:
    return amount_text(amount, found.currency) if amount is not None else _UNKNOWN
