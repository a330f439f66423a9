"""What to do about a verdict that fires: the next steps that its numbers suggest."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from finops.model.finding import Change, Finding, State
from finops.model.kind_profile import KindProfile
from finops.model.policy import WrittenPolicy
from finops_exporters import words
from finops_exporters.changed import moved

_LARGEST = {
    "volume": "Usage increased at the same price: find out what uses more and whether that is intended.",
    "price": "The same usage costs more: look for an expired discount or commitment, or a new rate.",
    "mix": "Usage shifted to more expensive resources: compare sizes, models or storage classes with before.",
    "other": "Charges without a quantity changed: check credits, refunds, fees and support.",
}


def advice_of(finding: Finding, profile: KindProfile, policy: WrittenPolicy | None) -> list[str]:
    """Sentences, the most useful first; empty for what is well."""
    if finding.state is State.UNKNOWN:
        return [f"{words.sentence(finding.reason, finding)} Fix the data; until then the verdict is unknown."]
    if finding.state is State.OK:
        return []
    return list(_steps(finding, profile, policy))


def _steps(finding: Finding, profile: KindProfile, policy: WrittenPolicy | None) -> Iterator[str]:
    rises = [driver for driver in finding.drivers if driver.change > 0]
    if rises:
        largest = moved(rises[0], finding.currency)
        yield f"Start with {largest.name} ({largest.what}): {largest.amount}."
    if finding.change is not None and (part := _largest(finding.change)):
        yield _LARGEST[part]
    if profile.advice:
        yield profile.advice
    where = f"{words.file(policy.file)}, line {policy.line}" if policy is not None else "its file"
    yield f"{profile.if_intended}: {where}."


def _largest(change: Change) -> str:
    parts = {"volume": change.volume, "price": change.price, "mix": change.mix, "other": change.other}
    name, amount = max(parts.items(), key=lambda part: part[1])
    return name if amount > Decimal("0.005") else ""
