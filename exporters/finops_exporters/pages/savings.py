"""The page Savings: who claims what, and what was measured of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finops.model.cost_question import CostQuestion, Every
from finops.model.money import Money
from finops.model.period import month_start
from finops.model.saving import PARTS, MeasuredSaving, SavingList, SavingState
from finops.model.wording import count_text
from finops_exporters import words


@dataclass(frozen=True, slots=True)
class SavingRow:
    """Texts only. ``address``: the costs behind it. ``action``: where a withdrawal is sent to, empty where none is
    possible."""

    scope: str
    address: str
    about: str
    state: str
    proven: bool
    reason: str
    notes: Sequence[str]
    expected: str
    actual: str
    saved: str
    interval: str
    credited: str
    parts: Sequence[tuple[str, str]]
    action: str


def savings_headline(found: SavingList) -> str:
    proven = [one for one in found.savings if one.state is SavingState.PROVEN]
    if not found.savings:
        return "No saving is claimed yet"
    if not proven:
        return f"Nothing is proven yet of {count_text(len(found.savings), 'claim')}"
    total = words.money(Money(found.credited, found.currency))
    return f"{total} saved, proven by {count_text(len(proven), 'claim')} of {len(found.savings)}"


def savings_age(found: SavingList) -> str:
    """How far the bills behind the numbers reach."""
    if found.settled_through is None:
        return "No day of any bill is settled: nothing is measured yet."
    return f"Measured on settled days alone, through {words.day(found.settled_through)}."


def saving_rows(found: SavingList) -> list[SavingRow]:
    return [_row(one, found.currency) for one in found.savings]


def _row(one: MeasuredSaving, currency: str) -> SavingRow:
    claim, saved = one.claim, one.saved
    end = month_start(one.period.last_day, 1) if one.period else month_start(claim.since, 2)
    question = CostQuestion(month_start(claim.since, -1), end, every=Every.DAY, scope=claim.scope)
    note = f": {words.shown(claim.note, 300)}" if claim.note else ""
    driven = f", driven by {words.shown(claim.demand, 80)}" if claim.demand else ""
    return SavingRow(
        scope=words.shown(claim.scope, 300),
        address=question.address,
        about=f"Since {words.day(claim.since)}{driven}. Claimed by {words.shown(claim.actor, 80)} on "
        f"{words.day(claim.at.date())}{note}.",
        state=one.state.value,
        proven=one.state is SavingState.PROVEN,
        reason=words.sentence(one.reason),
        notes=[words.sentence(note) for note in one.notes],
        expected=words.money_of(one.expected, currency),
        actual=words.money_of(one.actual, currency),
        saved=words.money_of(saved.amount if saved else None, currency),
        interval=f"{words.money_of(saved.low, currency)} to {words.money_of(saved.high, currency)}" if saved else "",
        credited=words.money_of(one.credited, currency),
        parts=[(name, words.signed_money_of(getattr(one.parts, name), currency)) for name in PARTS if one.parts],
        action=f"/savings/{claim.id}/withdraw" if one.state is not SavingState.WITHDRAWN else "",
    )
