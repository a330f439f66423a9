"""The ``spec`` of a Carbon policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from finops.conditions import ConditionFaults, parse
from finops.documents import did_you_mean
from finops.model.mass import Mass
from finops.policy.options import CommonOptions, DemandName, GroupColumn, Known
from finops.policy.when import Unit, parse_threshold
from finops.ports.emissions import EMISSION_LABELS

PER_UNIT = "emissions_per_unit"


def _mass(value: object) -> Mass:
    if not isinstance(value, str):
        raise ValueError(f"'{value}' is a mass without a unit | Write it like '{value} kg', in g, kg or t")
    return Mass.parse(value)


def _duration(value: object) -> object:
    found = parse_threshold(value) if isinstance(value, str) else None
    if found is None or found[0] is not Unit.DURATION:
        raise ValueError(f"'{value}' is no duration | Write it like 120d")
    return found[1]


MassText = Annotated[Mass, BeforeValidator(_mass), WithJsonSchema({"type": "string", "examples": ["10 kg"]})]


class CarbonOptions(CommonOptions):
    """Emissions, and emissions for a unit of demand."""

    period: Literal["month", "quarter", "year"] = Field(
        default="month", description="The newest whole period of this kind that is known is judged; fiscal, as budgets."
    )
    demand: DemandName | None = Field(default=None, description="The series that emissions_per_unit divides by.")
    per: int = Field(default=1, ge=1, description="How many units of demand count as one.", examples=[1000])
    late: Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema({"type": "string", "examples": ["120d"]})] = (
        Field(
            default=timedelta(days=120),
            description="A period that ended longer ago says nothing about now; providers are months late.",
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
            raise ValueError(f"{PER_UNIT} needs a demand series to divide by | Add 'demand: orders'")
        return self


def _check_column(name: str, known: Any) -> None:
    has = {"source", *EMISSION_LABELS, *known.columns.dimensions}
    if name not in has:
        hint = did_you_mean(name, has)
        if not hint.startswith("Did you mean"):
            hint = f"They have {', '.join(sorted(has))} and tags"
        raise ValueError(f"emissions have no column '{name}' | {hint}")
