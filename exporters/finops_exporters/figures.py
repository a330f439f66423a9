"""The few numbers that a verdict is about, in the order in which people ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from finops.model import kind_profile
from finops.model.finding import Finding
from finops.model.kind_profile import KindProfile, Measure, Style, fill
from finops.model.money import Money
from finops.model.unit import Unit
from finops_exporters import words

_NOT_KNOWN = "unknown"
_UNITS: dict[Unit, Callable[[float], str]] = {
    Unit.SHARE: words.percent,
    Unit.DURATION: words.hours,
    Unit.MASS: words.mass,
}


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    note: str = ""


def figures_of(finding: Finding, profile: KindProfile) -> list[Figure]:
    """Those that the kind declares, else every measure. What is not known says so."""
    found = [_figure(one, finding, profile) for one in profile.figures or _every_measure(finding, profile)]
    return [one for one in found if one is not None] or [Figure("Measure", _NOT_KNOWN)]


def told(finding: Finding, profile: KindProfile) -> Callable[[str], str | None]:
    """What the placeholders of a template stand for (see ``kind_profile.fill``)."""

    def value(name: str) -> str | None:
        kind, _, of = name.partition(".")
        if kind == "amount":
            amount = finding.amount.get(of)
            return words.per_unit(amount) if amount is not None and _is_fine(of, profile) else _money(amount)
        if kind == "measure":
            number = finding.measures.get(of)
            return styled(finding, profile, of, number) if number is not None else None
        own = {
            "period": words.period(finding.period),
            "demand": words.shown(finding.demand, 40) or "demand",
            "units": words.units(finding.per, finding.demand),
            "currency": words.shown(finding.currency),
        }
        return own.get(name)

    return value


def measured(finding: Finding, profile: KindProfile, name: str, value: float | None) -> str:
    """The value of a measure in its own unit; one that can be a share or an amount is an amount where it equals it."""
    if value is None:
        return _NOT_KNOWN
    amount = finding.amount.get(name)
    if amount is not None and float(amount.amount) == value:
        return words.per_unit(amount)
    measure = profile.measures.get(name)
    if measure is not None and measure.style is Style.CHANGE:
        return words.growth(value)
    return _UNITS.get(_unit(finding, measure, name), "{:,.2f}".format)(value)


def styled(finding: Finding, profile: KindProfile, name: str, value: float | None) -> str:
    """As ``measured``, in the style of the measure: ``29 % faster than planned``."""
    measure = profile.measures.get(name)
    if measure is not None and measure.style is Style.PACE and value is not None:
        return words.pace(value)
    return measured(finding, profile, name, value)


def _unit(finding: Finding, measure: Measure | None, name: str) -> Unit:
    if name in finding.units:
        return finding.units[name]
    return measure.units[0] if measure is not None else Unit.NUMBER


def _is_fine(amount: str, profile: KindProfile) -> bool:
    return any(one.amount == amount and one.style is Style.FINE for one in profile.figures)


def _figure(declared: kind_profile.Figure, finding: Finding, profile: KindProfile) -> Figure | None:
    label = fill(declared.label, told(finding, profile))
    amount = finding.amount.get(declared.amount)
    if declared.amount and amount is not None and amount.amount < 0 and declared.below_zero:
        label, amount = declared.below_zero, Money(-amount.amount, amount.currency)
    value = _amount(declared, amount) if declared.amount else _measure(declared, finding, profile)
    if declared.optional and value == _NOT_KNOWN:
        return None
    return Figure(f"{label[:1].upper()}{label[1:]}", value, _note(declared, finding, profile))


def _amount(declared: kind_profile.Figure, amount: Money | None) -> str:
    if amount is None:
        return _NOT_KNOWN
    return words.per_unit(amount) if declared.style is Style.FINE else words.money(amount)


def _measure(declared: kind_profile.Figure, finding: Finding, profile: KindProfile) -> str:
    value = finding.measures.get(declared.measure)
    if value is None:
        return _NOT_KNOWN
    measure = profile.measures.get(declared.measure)
    if _unit(finding, measure, declared.measure) is Unit.NUMBER:
        return f"{value:,.{declared.digits}f}"
    return styled(finding, profile, declared.measure, value)


def _note(declared: kind_profile.Figure, finding: Finding, profile: KindProfile) -> str:
    value = told(finding, profile)
    return fill(
        declared.note, lambda name: _interval(declared, finding, profile) if name == "interval" else value(name)
    )


def _interval(declared: kind_profile.Figure, finding: Finding, profile: KindProfile) -> str | None:
    """``7,100.00 to 8,200.00``, of the amount or the measure."""
    if declared.amount:
        low, high = (finding.amount.get(f"{declared.amount}{end}") for end in ("_low", "_high"))
        if low is None or high is None:
            return None
        return f"{words.number(low.amount, low.currency)} to {words.number(high.amount, high.currency)}"
    name = declared.measure
    bounds = [finding.measures.get(f"{name}{end}") for end in ("_low", "_high")]
    shown = [measured(finding, profile, name, bound) for bound in bounds if bound is not None]
    return " to ".join(shown) if len(shown) == len(bounds) else None


def _every_measure(finding: Finding, profile: KindProfile) -> Iterator[kind_profile.Figure]:
    for name in finding.measures:
        if not name.endswith(("_low", "_high")):
            known = profile.measures.get(name)
            label = known.label if known is not None else name.replace("_", " ")
            yield kind_profile.Figure(label, measure=name, note="90 % interval {interval}")


def _money(amount: Money | None) -> str | None:
    return words.money(amount) if amount is not None else None
