"""``allocations:`` of finops.yaml -> Allocation values, checked against dimensions, columns and demand series."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from finops.allocate.rules import Rule, cycle
from finops.conditions import Condition, ConditionFaults, parse
from finops.config.entries import Entry
from finops.config.plugins import demand_kinds
from finops.config.strict import Strict
from finops.documents import Document, Fault, did_you_mean, place_inside, validate
from finops.errors import InvalidValue
from finops.model.allocation import Allocation, By, BySeries, BySpend, ByWeights
from finops.model.columns import Columns
from finops.model.money import SCALE
from finops.model.scopes import SCOPE_COLUMNS

_OPENCOST = "opencost"
_MOST_WEIGHT = Decimal(10) ** 15


def _weight(value: object) -> Decimal:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise InvalidOperation
        weight = Decimal(str(value))
        exponent = weight.as_tuple().exponent
        if not weight.is_finite() or weight < 0 or weight > _MOST_WEIGHT or not isinstance(exponent, int):
            raise InvalidOperation
    except InvalidOperation:
        raise InvalidValue(f"'{value}' is not a valid weight", "Write a number from 0, like 40") from None
    if exponent < -SCALE:
        raise InvalidValue(f"'{value}' has more than {SCALE} decimal places", "Write fewer digits")
    return weight


Weight = Annotated[
    Decimal, BeforeValidator(_weight), WithJsonSchema({"type": "number", "minimum": 0, "examples": [40]})
]


class SpendModel(Strict):
    """Proportional to each day's spend."""

    scope: str | None = Field(default=None, description="SQL condition of the spend that is followed; default: all")


class SeriesModel(Strict):
    """Proportional to each day's values of a demand series."""

    series: str = Field(description="Name of the demand series")
    dimension: str | None = Field(default=None, description="Its dimension; default: that of 'to'")
    values: dict[str, str] = Field(
        default_factory=dict,
        description="To whom each value of the dimension belongs; default: the values are the same",
        examples=[{"payments": "checkout"}],
    )


class ByModel(Strict):
    """How the cost is divided: exactly one key."""

    even: list[str] | None = Field(
        default=None, description="Values that get equal shares", json_schema_extra={"minItems": 1}
    )
    weights: dict[str, Weight] | None = Field(
        default=None, description="Values and their weights", json_schema_extra={"minProperties": 1}
    )
    spend: SpendModel | None = Field(default=None, description="Proportional to each day's spend")
    demand: str | SeriesModel | None = Field(
        default=None, description="Proportional to each day's values of a demand series with the dimension"
    )
    opencost: dict[str, Any] | None = Field(
        default=None, description="Proportional to the cluster cost by namespace, from OpenCost"
    )

    @field_validator("even")
    @classmethod
    def _each_once(cls, values: list[str] | None) -> list[str] | None:
        if values == []:
            raise InvalidValue("nobody gets a share", "Name at least one value of the dimension")
        twice = next((value for value in values or [] if (values or []).count(value) > 1), None)
        if twice is not None:
            raise InvalidValue(f"'{twice}' is listed twice", "Use 'weights:' for unequal shares")
        return values

    @field_validator("weights")
    @classmethod
    def _not_all_zero(cls, weights: dict[str, Decimal] | None) -> dict[str, Decimal] | None:
        if weights is not None and not any(weights.values()):
            raise InvalidValue(
                "all weights are zero" if weights else "nobody gets a share",
                "Give at least one value a weight above zero",
            )
        return weights

    @model_validator(mode="after")
    def _exactly_one(self) -> ByModel:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"found {' and '.join(given)}" if given else "found none"
            raise InvalidValue(
                f"expected one way to divide the cost, {found}",
                "Write one of: even, weights, spend, demand, opencost",
            )
        return self


class AllocationModel(Strict):
    """Moves shared costs to those who use what they pay for."""

    scope: str | None = Field(
        default=None, description="SQL condition of the shared costs", examples=["team = 'platform'"]
    )
    to: str = Field(description="Dimension whose values get the cost", examples=["team"])
    by: ByModel


@dataclass(frozen=True, slots=True)
class Allocations:
    """``series``: demand series that rules bring along, as entries of ``demand:``."""

    rules: tuple[Allocation, ...] = ()
    series: tuple[Entry, ...] = ()


def read_allocations(document: Document, columns: Columns, demand: Collection[str]) -> tuple[Allocations, list[Fault]]:
    """Every rule, or its faults. ``columns``: with the dimensions. ``demand``: names of the configured series."""
    section = document.data.get("allocations") or {}
    if not isinstance(section, dict):
        return Allocations(), []  # the file's model has named this fault
    daily = daily_columns(columns)
    rules: list[Rule] = []
    series: list[Entry] = []
    faults: list[Fault] = []
    for name, value in section.items():
        at = ("allocations", str(name))
        if not isinstance(value, dict):
            continue  # as above
        model, found = validate(AllocationModel, document, at=at)
        faults += found
        if model is None:
            continue
        own, found = _faults_of(document, at, model, columns, daily, demand)
        faults += found
        by, entry, found = _by(document, at, str(name), model)
        faults += found
        if by is None or own is None:
            continue
        if entry is not None and entry.name in demand:
            hint = "Rename the demand series"
            message = f"the name '{entry.name}' is taken by this allocation's own demand series"
            faults.append(document.fault(("demand", entry.name), message, hint))
        series += [entry] if entry is not None else []
        rules.append(Rule(Allocation(str(name), model.scope, model.to, by), own["scope"], own["spend"]))
    if not faults:
        faults += _cycle_fault(document, rules)
    return Allocations(tuple(rule.allocation for rule in rules), tuple(series)), faults


def daily_columns(columns: Columns) -> frozenset[str]:
    """What is known of the daily costs: the columns of the lake's ``scopes``."""
    return columns.dimensions.union(SCOPE_COLUMNS)


def _faults_of(
    document: Document,
    at: tuple[str, str],
    model: AllocationModel,
    columns: Columns,
    daily: frozenset[str],
    demand: Collection[str],
) -> tuple[Mapping[str, Condition | None] | None, list[Fault]]:
    """Both conditions, or what is wrong with names and conditions."""
    faults: list[Fault] = []
    if model.to not in columns.dimensions:
        known = sorted(columns.dimensions)
        hint = did_you_mean(model.to, known) if known else "Add it under 'dimensions:'"
        faults.append(document.fault((*at, "to"), f"no dimension '{model.to}'", hint, of_value=True))
    if model.by.demand is not None:
        named = model.by.demand if isinstance(model.by.demand, str) else model.by.demand.series
        below = () if isinstance(model.by.demand, str) else ("series",)
        if named not in demand:
            hint = did_you_mean(named, demand) if demand else "Add it under 'demand:'"
            loc = (*at, "by", "demand", *below)
            faults.append(document.fault(loc, f"no demand series '{named}'", hint, of_value=True))
    spend = model.by.spend.scope if model.by.spend is not None else None
    conditions: dict[str, Condition | None] = {}
    parts: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
        ("scope", model.scope, ("scope",)),
        ("spend", spend, ("by", "spend", "scope")),
    )
    for key, text, inside in parts:
        loc = (*at, *inside)
        conditions[key] = None
        if text is None:
            continue
        try:
            conditions[key] = condition = parse(text, columns)
        except ConditionFaults as error:
            for fault in error.faults:
                line, column = place_inside(document, loc, text, fault.offset)
                faults.append(Fault(document.file, line, column, fault.message, fault.hint))
            continue
        foreign = sorted(condition.required_columns - daily)
        if foreign:
            hint = f"Define a dimension that names {foreign[0]}, and use that"
            faults.append(document.fault(loc, f"{foreign[0]} is not known of daily costs", hint, of_value=True))
    return (None if faults else conditions), faults


def _by(
    document: Document, at: tuple[str, str], name: str, model: AllocationModel
) -> tuple[By | None, Entry | None, list[Fault]]:
    if model.by.opencost is None:
        return _plain_by(model), None, []
    loc = (*at, "by", _OPENCOST)
    values = model.by.opencost.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(part, str) for item in values.items() for part in item):
        hint = "Write it like {payments: checkout}"
        return None, None, [document.fault((*loc, "values"), "'values' must be a mapping of text", hint)]
    factory = demand_kinds().load(_OPENCOST)
    options, faults = validate(factory.Options, document, at=loc, beside=("values",))
    if options is None:
        return None, None, faults
    series = f"{_OPENCOST}-{name}"
    entry = Entry(series, _OPENCOST, timedelta(hours=6), getattr(options, "unit", None) or series, options, factory)
    return BySeries(series, factory.DIMENSION, values), entry, []


def _plain_by(model: AllocationModel) -> By:
    by = model.by
    if by.even is not None:
        return ByWeights(dict.fromkeys(by.even, Decimal(1)))
    if by.weights is not None:
        return ByWeights(by.weights)
    if by.spend is not None:
        return BySpend(by.spend.scope)
    if isinstance(by.demand, SeriesModel):
        return BySeries(by.demand.series, by.demand.dimension or model.to, by.demand.values)
    return BySeries(by.demand or "", model.to)


def _cycle_fault(document: Document, rules: Sequence[Rule]) -> list[Fault]:
    found = cycle(rules)
    if found is None:
        return []
    places = {rule.allocation.name: place for place, rule in enumerate(rules)}
    _, last = max(found, key=lambda step: places[step[1]])
    while found[-1][1] != last:
        found = [*found[1:], found[0]]
    first = found[0][0]
    targets = [*(value for value, _ in found[1:]), first]
    steps = [f"{target} (by {name})" for target, (_, name) in zip(targets, found, strict=True)]
    way = " → ".join([first, *steps])
    hint = f"Leave '{first}' out of the values that '{last}' allocates to"
    return [document.fault(("allocations", last, "by"), f"the cost comes back to where it was taken from: {way}", hint)]
