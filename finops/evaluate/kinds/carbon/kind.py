"""How much CO2e is emitted, in total and per unit of demand?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from finops.conditions import ConditionFaults, parse
from finops.documents import did_you_mean
from finops.errors import InvalidValue
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.kind import Needs, PolicyKind, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.judgement.threshold import Outcome, judge_readings, measures_of
from finops.evaluate.kinds.carbon.profile import PROFILE
from finops.model.finding import State
from finops.model.kind_profile import KindProfile
from finops.model.mass import Mass
from finops.model.money import EXACT, quantise
from finops.model.period import Period, period_of
from finops.model.unit import Unit
from finops.policy.options import CommonOptions, DemandName, GroupColumn, Known
from finops.policy.when import parse_threshold
from finops.ports.emissions import EMISSION_LABELS

_YEAR = timedelta(days=366)


PER_UNIT = "emissions_per_unit"


def _mass(value: object) -> Mass:
    if not isinstance(value, str):
        raise InvalidValue(f"'{value}' has no unit", f"Write it like '{value} kg', in g, kg or t")
    return Mass.parse(value)


def _duration(value: object) -> object:
    found = parse_threshold(value) if isinstance(value, str) else None
    if found is None or found[0] is not Unit.DURATION:
        raise InvalidValue(f"'{value}' is not a valid duration", "Write it like 120d")
    return found[1]


MassText = Annotated[Mass, BeforeValidator(_mass), WithJsonSchema({"type": "string", "examples": ["10 kg"]})]


class CarbonOptions(CommonOptions):
    """Emissions, and emissions for a unit of demand."""

    period: Literal["month", "quarter", "year"] = Field(
        default="month", description="The latest complete period is evaluated; fiscal, as for budgets."
    )
    demand: DemandName | None = Field(default=None, description="The series that emissions_per_unit divides by.")
    per: int = Field(default=1, ge=1, description="How many units of demand count as one.", examples=[1000])
    late: Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema({"type": "string", "examples": ["120d"]})] = (
        Field(
            default=timedelta(days=120),
            description="A period that ended longer ago is out of date; providers deliver months late.",
        )
    )
    minimum: MassText | None = Field(  # type: ignore[assignment] # a mass here, an amount in the other kinds
        default=None, description="A group that emitted less than this in the period never fires."
    )

    @field_validator("scope")
    @classmethod
    def _only_what_emissions_have(cls, scope: str | None, info: ValidationInfo) -> str | None:
        known: Known | None = info.context
        if scope is None or known is None:
            return scope
        try:
            named = parse(scope, known.columns).columns
        except ConditionFaults:
            return scope  # told with its place by whoever reads the scope
        for name in sorted(named):
            _check_column(name, known)
        return scope

    @field_validator("group_by")
    @classmethod
    def _groups_that_emissions_have(cls, group_by: tuple[GroupColumn, ...], info: ValidationInfo) -> tuple[str, ...]:
        known: Known | None = info.context
        for name in group_by if known is not None else ():
            _check_column(name, known)
        return group_by

    @model_validator(mode="after")
    def _demand_to_divide_by(self) -> CarbonOptions:
        if self.demand is None and any(alert.when.strip().startswith(PER_UNIT) for alert in self.alerts):
            raise InvalidValue(f"{PER_UNIT} needs a demand series to divide by", "Add 'demand: orders'")
        return self


def _check_column(name: str, known: Any) -> None:
    has = {"source", *EMISSION_LABELS, *known.columns.dimensions}
    if name not in has:
        hint = did_you_mean(name, has, otherwise=f"They have {', '.join(sorted(has))} and tags")
        raise InvalidValue(f"emissions have no column '{name}'", f"{hint}")


@dataclass(frozen=True, slots=True)
class Carbon(PolicyKind[CarbonOptions]):
    """``emissions``: the mass of CO2 equivalent of the newest whole period that every source of the group has said.
    ``emissions_per_unit``: that ÷ the demand of the same days, for ``per`` units.

    Emissions come months after the bills, so the period that is running is never judged.
    """

    profile: ClassVar[KindProfile] = PROFILE
    by_day: ClassVar[bool] = True
    Options: ClassVar[type[CommonOptions]] = CarbonOptions

    @classmethod
    def currency_of(cls, options: CarbonOptions) -> str | None:
        """There are no amounts in it."""
        del options
        return None

    def needs(self, moment: Moment) -> Needs:
        window = Period(moment.today - self.options.late - 2 * _YEAR, moment.today + timedelta(days=1))
        return Needs(None, (self.options.demand,) if self.options.demand else (), emissions=window)

    def judge(self, data: GroupData) -> Verdict:
        try:
            period = self._period(data)
        except Unknowable as error:
            period = self._previous(data, data.moment.today)
            readings = dict.fromkeys(self.profile.measures, Reading(unknown=error.reason))
            return self._verdict(
                judge_readings(self.envelope, data, readings, gap=None, spent=None), period, data, readings
            )
        gap = self._gap(period, data)
        readings = {"emissions": self._emissions(period, data), PER_UNIT: self._per_unit(period, data)}
        outcome = judge_readings(self.envelope, data, readings, gap=gap, spent=None)
        return self._verdict(self._above_minimum(outcome, readings["emissions"]), period, data, readings)

    def explain(self, data: GroupData) -> list[str]:
        try:
            period = self._period(data)
        except Unknowable as error:
            return [f"emissions are unknown: {error.reason}"]
        lines = [f"evaluated: {period}, the latest complete {self.options.period}"]
        for source, covered in data.emitted.covered.items():
            known = sum(day in covered for day in period)
            lines.append(f"{source}: {known} of {period.days} days known, the newest {max(covered)}")
        total = self._grams(period, data)
        lines.append(f"emissions = {_plain(total)} g = {Mass(total)}")
        demand = data.demand.get(self.options.demand or "", {})
        if self.options.demand:
            units = sum((demand[day] for day in period if day in demand), Decimal(0))
            known = sum(day in demand for day in period)
            lines.append(f"demand '{self.options.demand}' of {known} of {period.days} days = {_plain(units)}")
            reading = self._per_unit(period, data)
            if reading.mass is not None:
                factor = f" × {self.options.per}" if self.options.per > 1 else ""
                lines.append(
                    f"{PER_UNIT} = {_plain(total)} g ÷ {_plain(units)}{factor} = {_plain(reading.mass.grams)} g"
                )
            else:
                lines.append(f"{PER_UNIT} is unknown: {reading.unknown}")
        return lines

    def _period(self, data: GroupData) -> Period:
        """The newest whole period that every source of the group reaches the end of."""
        covered = data.emitted.covered
        if not covered:
            reasons = [f"{name} has never delivered a row" for name in data.emitted.silent]
            raise Unknowable("; ".join(reasons) or "no emissions match the scope")
        reach = min(max(days) for days in covered.values()) + timedelta(days=1)
        period = self._previous(data, reach)
        if period.end + self.options.late < data.moment.today:
            last = min(covered, key=lambda source: (max(covered[source]), source))
            raise Unknowable(
                f"{last} is late: its emissions reach {max(covered[last])}, and a {self.options.period} that ended on"
                f" {period.end - timedelta(days=1)} is longer ago than {self.options.late.days} days"
            )
        return period

    def _previous(self, data: GroupData, day: date) -> Period:
        """The newest period that ends on or before ``day``."""
        starts = data.moment.settings.fiscal_year_starts
        running = period_of(self.options.period, day, fiscal_year_starts=starts)
        return period_of(self.options.period, running.start - timedelta(days=1), fiscal_year_starts=starts)

    def _gap(self, period: Period, data: GroupData) -> str | None:
        """Why the sum may lack something: more rows could only add to it."""
        reasons = [f"{name} has never delivered a row" for name in data.emitted.silent]
        for source, covered in data.emitted.covered.items():
            missing = [day for day in period if day not in covered]
            if missing:
                reasons.append(f"no emissions of {source} for {len(missing)} of {period.days} days, first {missing[0]}")
        return "; ".join(reasons) or None

    def _grams(self, period: Period, data: GroupData) -> Decimal:
        with localcontext(EXACT):
            return sum((grams for day, grams in sorted(data.emitted.grams.items()) if day in period), Decimal(0))

    def _emissions(self, period: Period, data: GroupData) -> Reading:
        return Reading("above", mass=Mass(self._grams(period, data)), detail=f"{period}")

    def _per_unit(self, period: Period, data: GroupData) -> Reading:
        name = self.options.demand
        if name is None:
            return Reading(unknown="no demand series is named")
        demand = data.demand.get(name, {})
        missing = [day for day in period if day not in demand]
        if missing:
            return Reading(unknown=f"no demand '{name}' for {len(missing)} of {period.days} days, first {missing[0]}")
        units = sum((demand[day] for day in period), Decimal(0))
        if units <= 0:
            return Reading(unknown=f"the demand '{name}' of {period} is {_plain(units)}: nothing to divide by")
        with localcontext(EXACT):
            grams = quantise(self._grams(period, data) * self.options.per / units)
        unit = data.moment.settings.demand_units.get(name, name)
        many = f"{self.options.per:,} " if self.options.per > 1 else "one "
        return Reading("above", mass=Mass(grams), detail=f"for {many}{unit}, {period}")

    def _above_minimum(self, outcome: Outcome, emissions: Reading) -> Outcome:
        minimum, mass = self.options.minimum, emissions.mass
        if outcome.state is not State.FIRING or minimum is None or mass is None or mass.grams >= minimum.grams:
            return outcome
        reason = f"{outcome.reason}; below the minimum of {minimum}"
        return replace(outcome, state=State.OK, severity=None, reason=reason)

    def _verdict(self, outcome: Outcome, period: Period, data: GroupData, readings: Mapping[str, Reading]) -> Verdict:
        covered = data.emitted.covered.values()
        known = [all(day in days for days in covered) if covered else False for day in period]
        grams = data.emitted.grams
        line = tuple(
            grams.get(day, Decimal(0)) if is_known else None for day, is_known in zip(period, known, strict=True)
        )
        return Verdict.of(
            outcome,
            currency=data.moment.settings.currency,
            period=period,
            measures=measures_of(readings),
            lines={"emissions": line} if any(known) else {},
            demand=self.options.demand or "",
        )


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
