"""What to do about a verdict that fires: the next steps that its numbers suggest."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from finops.model.finding import Change, Finding, State
from finops.model.policy import WrittenPolicy
from finops_exporters.pages import words
from finops_exporters.pages.changed import moved

_LARGEST = {
    "volume": "More is used, at the price of before: find who or what asks for more, and whether it is wanted.",
    "price": "The same use costs more: look for a discount that ended, a commitment that ran out, or a new rate.",
    "mix": "Use moved to dearer kinds: compare sizes, models or storage classes with those of before.",
    "other": "Rows without a quantity changed: look at credits, refunds, fees and support.",
}
_BY_KIND = {
    "Growth": "Cost outgrows demand: find what scales with something else than demand, such as retries, logs, idle "
    "capacity or a dearer model.",
    "UnitCost": "Each unit costs more than it did: compare the releases and sizes of the two windows.",
    "Anomaly": "Look at what ran on that day: a job, a test or a leak. A planned step is an exception in the policy.",
    "Allocation": "Tag what has no owner, or map its account to a team under dimensions: in finops.yaml.",
    "Commitment": "Move fitting work onto what is paid for, or do not renew it.",
    "Carbon": "Look at machines that run without work, and at regions with cleaner power.",
    "Freshness": "See the page of sources: a source that failed says why there.",
}


def advice_of(finding: Finding, policy: WrittenPolicy | None) -> list[str]:
    """Sentences, the most useful first; empty for what is well."""
    if finding.state is State.UNKNOWN:
        return [f"{words.sentence(finding.reason)} Mend the data; until then nobody can say that all is well."]
    if finding.state is State.OK:
        return []
    return list(_steps(finding, policy))


def _steps(finding: Finding, policy: WrittenPolicy | None) -> Iterator[str]:
    rises = [driver for driver in finding.drivers if driver.change > 0]
    if rises:
        largest = moved(rises[0], finding.currency)
        yield f"Begin with {largest.name} ({largest.what}): {largest.amount}."
    if finding.change is not None and (part := _largest(finding.change)):
        yield _LARGEST[part]
    if finding.kind in _BY_KIND:
        yield _BY_KIND[finding.kind]
    where = f"{words.file(policy.file)}, line {policy.line}" if policy is not None else "its file"
    if finding.kind == "Budget":
        yield f"If the rise is wanted, agree on a new amount and change the policy: {where}."
    else:
        yield f"If it is meant to be so, change the line or add an exception with an end: {where}."


def _largest(change: Change) -> str:
    parts = {"volume": change.volume, "price": change.price, "mix": change.mix, "other": change.other}
    name, amount = max(parts.items(), key=lambda part: part[1])
    return name if amount > Decimal("0.005") else ""
