"""What drove a finding, as ``finops explain`` prints it: every digit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from finops.evaluate.drivers.split import PARTS
from finops.model.finding import Change, Driver, Finding
from finops.model.period import Period
from finops.model.untrusted import one_line
from finops.model.wording import NO_VALUE, exact_text


def driver_lines(finding: Finding) -> list[str]:
    """Lines about the change, its parts and its drivers, and the notes; none where there is nothing of them."""
    change, currency = finding.change, finding.currency
    lines = list(_change_lines(change, currency)) if change is not None else []
    if finding.drivers:
        lines += [
            "cost drivers, the largest of each column:",
            *(_driver_line(one, currency) for one in finding.drivers),
        ]
    return [*lines, *(f"note: {note}" for note in finding.notes)]


def _change_lines(change: Change, currency: str) -> Iterator[str]:
    scaled = f", scaled to {change.after_days}" if change.after_days != change.before_days else ""
    yield f"change{f' in {change.of}' if change.of else ''}:"
    before = _days(change.before_days, change.before)
    yield f"  before = {exact_text(change.before_amount, currency)} ({before}{scaled})"
    yield f"  after = {exact_text(change.after_amount, currency)} ({_days(change.after_days, change.after)})"
    parts = " ".join(f"{_signed(getattr(change, part), currency)} {part}" for part in PARTS)
    yield f"  change = after - before = {_signed(change.total, currency)} = {parts}"
    if change.explained is not None:
        yield f"  explained by demand = before x its growth = {_signed(change.explained, currency)}"


def _days(days: int, span: Period) -> str:
    return f"{days} days, {span.start} through {span.end - timedelta(days=1)}"


def _driver_line(driver: Driver, currency: str) -> str:
    name = f" ({one_line(driver.name)})" if driver.name else ""
    parts = " ".join(
        f"{_signed(amount, currency)} {part}"
        for part in PARTS
        if (amount := getattr(driver, part)) is not None and amount
    )
    whose = f"{driver.by} {one_line(driver.value) or NO_VALUE}{name}"
    return f"  {_signed(driver.change, currency)}  {whose}{f': {parts}' if parts else ''}"


def _signed(amount: Decimal, currency: str) -> str:
    return f"{'+' if amount > 0 else ''}{exact_text(amount, currency)}"
