"""The few numbers that a verdict is about, in the order in which people ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from finops.model.finding import Finding
from finops.model.money import Money
from finops_exporters.pages import words

_SHARES = frozenset(
    {"spent", "remaining", "pace", "forecast", "allocated", "utilisation", "coverage"}
    | {"unit_cost_change", "excess_growth", "cost_growth", "demand_growth"}
)
_UNITS: tuple[tuple[frozenset[str], Callable[[float], str]], ...] = (
    (_SHARES, words.percent),
    (frozenset({"age", "exhausts_in"}), words.hours),
    (frozenset({"emissions", "emissions_per_unit"}), words.mass),
)
_NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    note: str = ""


def figures_of(finding: Finding) -> list[Figure]:
    """What is not known says so."""
    return list(_FIGURES.get(finding.kind, _measured)(finding))


def measured(finding: Finding, name: str, value: float | None) -> str:
    """The value of a measure in its own unit; one that can be a share or an amount is an amount where it equals it."""
    if value is None:
        return _NOT_KNOWN
    amount = finding.amount.get(name)
    if amount is not None and float(amount.amount) == value:
        return words.per_unit(amount)
    show = next((show for names, show in _UNITS if name in names), "{:,.2f}".format)
    return show(value)


def _budget(finding: Finding) -> Iterator[Figure]:
    spent, limit, remaining = (finding.amount.get(name) for name in ("spent", "limit", "remaining"))
    used, pace = finding.measures.get("spent"), finding.measures.get("pace")
    share = f"{words.percent(used)} of the budget" if used is not None else ""
    yield Figure("Spent", _money(spent), share)
    yield Figure("Budget", _money(limit), words.period(finding.period))
    if remaining is None and spent is not None and limit is not None:
        remaining = limit - spent
    if remaining is not None and remaining.amount < 0:
        yield Figure("Over by", words.money(Money(-remaining.amount, remaining.currency)))
    else:
        yield Figure("Remaining", _money(remaining))
    yield Figure("Pace", words.pace(pace) if pace is not None else _NOT_KNOWN, "settled days only")
    forecast, low, high = (finding.amount.get(name) for name in ("forecast", "forecast_low", "forecast_high"))
    if forecast is not None:
        between = (
            f"{words.number(low.amount, low.currency)} to {words.number(high.amount, high.currency)}"
            if low and high
            else ""
        )
        yield Figure("Forecast for the period", words.money(forecast), between)


def _growth(finding: Finding) -> Iterator[Figure]:
    value = finding.measures.get("elasticity")
    yield Figure("Elasticity", f"{value:,.2f}" if value is not None else _NOT_KNOWN, _between(finding, "elasticity"))
    for name, label in (("cost_growth", "Cost"), ("demand_growth", words.shown(finding.demand, 40) or "Demand")):
        ratio = finding.measures.get(name)
        yield Figure(
            f"{label[:1].upper()}{label[1:]}, against the window before",
            words.growth(ratio) if ratio is not None else _NOT_KNOWN,
            _between(finding, name),
        )
    excess = finding.measures.get("excess_growth")
    yield Figure(
        "Growth beyond demand",
        words.growth(excess) if excess is not None else _NOT_KNOWN,
        _between(finding, "excess_growth"),
    )


def _unit_cost(finding: Finding) -> Iterator[Figure]:
    now, before = finding.amount.get("unit_cost"), finding.amount.get("unit_cost_before")
    change = finding.measures.get("unit_cost_change")
    yield Figure("Unit cost", words.per_unit(now) if now is not None else _NOT_KNOWN, words.period(finding.period))
    yield Figure("In the window before", words.per_unit(before) if before is not None else _NOT_KNOWN)
    yield Figure(
        "Change",
        words.growth(change) if change is not None else _NOT_KNOWN,
        _between(finding, "unit_cost_change"),
    )


def _anomaly(finding: Finding) -> Iterator[Figure]:
    low, high = finding.amount.get("expected_low"), finding.amount.get("expected_high")
    yield Figure("The day judged", _money(finding.amount.get("cost")))
    between = (
        f"{words.number(low.amount, low.currency)} to {words.number(high.amount, high.currency)}"
        if low and high
        else ""
    )
    yield Figure("Expected", _money(finding.amount.get("expected")), between)
    yield Figure("Beyond the range", _money(finding.amount.get("excess")))
    score = finding.measures.get("score")
    yield Figure("Score", f"{score:,.1f}" if score is not None else _NOT_KNOWN, "usual deviations from the middle")


def _allocation(finding: Finding) -> Iterator[Figure]:
    share = finding.measures.get("allocated")
    yield Figure("With an owner", words.percent(share) if share is not None else _NOT_KNOWN)
    yield Figure("Spend", _money(finding.amount.get("spent")), words.period(finding.period))
    yield Figure("Without an owner", _money(finding.amount.get("unallocated")))


def _commitment(finding: Finding) -> Iterator[Figure]:
    for name, label in (("utilisation", "Used"), ("coverage", "Covered")):
        value = finding.measures.get(name)
        if value is not None:
            yield Figure(label, words.percent(value), words.period(finding.period))
    for name, label in (("unused", "Paid for and not used"), ("uncovered", "Usage without a commitment")):
        amount = finding.amount.get(name)
        if amount is not None:
            yield Figure(label, words.money(amount))


def _measured(finding: Finding) -> Iterator[Figure]:
    for name, value in finding.measures.items():
        if not name.endswith(("_low", "_high")):
            label = name.replace("_", " ")
            yield Figure(f"{label[:1].upper()}{label[1:]}", measured(finding, name, value), _between(finding, name))
    if not finding.measures:
        yield Figure("Measure", _NOT_KNOWN)


def _between(finding: Finding, name: str) -> str:
    """The 90 % interval in words."""
    low, high = finding.measures.get(f"{name}_low"), finding.measures.get(f"{name}_high")
    if low is None or high is None:
        return ""
    show = words.growth if name.endswith(("_growth", "_change")) else "{:,.2f}".format
    return f"{show(low)} to {show(high)}, 9 times out of 10"


def _range(low: Money | None, high: Money | None) -> str:
    if low is None or high is None:
        return ""
    return f"{words.number(low.amount, low.currency)} to {words.number(high.amount, high.currency)}"


def _money(amount: Money | None) -> str:
    return words.money(amount) if amount is not None else _NOT_KNOWN


_FIGURES = {
    "Budget": _budget,
    "Growth": _growth,
    "UnitCost": _unit_cost,
    "Anomaly": _anomaly,
    "Allocation": _allocation,
    "Commitment": _commitment,
}
