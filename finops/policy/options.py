"""What the files of every policy kind have in common, as pydantic models."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema

from finops.documents import did_you_mean
from finops.errors import InvalidValue
from finops.model.columns import Columns
from finops.model.finding import Severity
from finops.model.money import Money

CostColumn = Literal["EffectiveCost", "BilledCost", "ContractedCost", "ListCost"]
PolicyCost = Literal["EffectiveCost", "BilledCost", "ContractedCost", "ListCost", "AllocatedCost"]
"""``AllocatedCost``: EffectiveCost after the rules of ``allocations:``."""


@dataclass(frozen=True, slots=True)
class Known:
    """What names in a policy can mean; handed to validators as their context. ``demand``: every series; ``values``: of
    those in money."""

    columns: Columns
    demand: Collection[str]
    values: Collection[str] = ()


class Model(BaseModel):
    """Unknown keys are faults; nothing is converted in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def parse_money(value: object) -> Money:
    if isinstance(value, Money):
        return value
    if not isinstance(value, str):
        raise InvalidValue(f"'{value}' is an amount without a currency", f"Write it like '{value} EUR'")
    return Money.parse(value)


Amount = Annotated[
    Money,
    BeforeValidator(parse_money),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\s*[+-]?\d[\d_]*(\.\d+)?\s*[A-Z]{3}\s*$", "examples": ["12000 EUR"]}
    ),
]


def parse_day(value: object) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        raise InvalidValue(f"'{value}' is not a valid date", "Write it like 2026-03-01") from None


Day = Annotated[
    date, BeforeValidator(parse_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-03-01"]})
]


def _text_column(value: str, info: ValidationInfo) -> str:
    """The resolved name of a text column. Without a context (a schema, a test) any name passes."""
    known: Known | None = info.context
    if known is None:
        return value
    resolved = known.columns.aliases.get(value, value)
    texts = [name for name, kind in known.columns.types.items() if kind == "text"]
    if resolved in texts:
        return resolved
    if resolved in known.columns.types:
        raise InvalidValue(f"'{value}' is not a text column", "Group by a dimension or a column of names")
    hint = did_you_mean(
        value, [*texts, *known.columns.aliases], otherwise="Name a configured dimension or a text column of FOCUS"
    )
    raise InvalidValue(f"unknown column '{value}'", f"{hint}")


def _distinct(value: Any) -> Any:
    if isinstance(value, list) and len({str(item) for item in value}) < len(value):
        raise InvalidValue("a column is listed twice", "Name each column once")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidValue(f"'{value}' is not a valid number of evaluations", "Write a whole number from 1, like 3")
    return value


def _not_empty(value: Any) -> Any:
    if value == []:
        raise InvalidValue("a policy without alerts never fires", "Add one, such as {when: ..., severity: warning}")
    return value


GroupColumn = Annotated[
    str, BeforeValidator(_text_column), WithJsonSchema({"type": "string", "examples": ["team", "environment"]})
]


def _known_series(word: str, names: Callable[[Known], Collection[str]]) -> AfterValidator:
    def check(value: str, info: ValidationInfo) -> str:
        known: Known | None = info.context
        if known is not None and value not in names(known):
            hint = did_you_mean(value, names(known)) if names(known) else f"Configure the series under '{word}:'"
            raise InvalidValue(f"unknown {word} series '{value}'", f"{hint}")
        return value

    return AfterValidator(check)


DemandName = Annotated[str, _known_series("demand", lambda known: known.demand)]
"""The name of a configured demand series. Without a context (a schema, a test) any name passes."""


ValueName = Annotated[str, _known_series("value", lambda known: known.values)]
"""The name of a configured series in money, as ``DemandName``."""


class AlertOptions(Model):
    """One threshold."""

    when: str = Field(description="A measure, a comparison and a threshold.", examples=["spent > 80%", "pace > 110%"])
    severity: Severity = Field(description="Severity: info, warning or critical.")


class ExceptionOptions(Model):
    """A group that may fire in peace for a while."""

    group: dict[str, str] = Field(
        default_factory=dict,
        description="The group, by columns of group_by; columns left out match every value.",
        examples=[{"environment": "dev"}],
    )
    reason: str = Field(min_length=1, description="Reason of the exception.")
    expires: Day = Field(description="Last day of the exception.")


class CommonOptions(Model):
    """Keys that every kind takes in its ``spec``."""

    scope: str | None = Field(
        default=None,
        description="An SQL condition over FOCUS columns, dimensions and tags['key']; default: all rows. "
        "NULL is as in SQL: team <> 'x' does not match rows without a team.",
        examples=["team = 'checkout' AND ChargeCategory <> 'Tax'"],
    )
    cost: PolicyCost = Field(
        default="EffectiveCost",
        description="Which of FOCUS's four costs is counted; AllocatedCost is EffectiveCost with shared costs moved to "
        "those who use what they pay for.",
    )
    group_by: Annotated[tuple[GroupColumn, ...], BeforeValidator(_distinct)] = Field(
        default=(),
        description="Columns to group by: one verdict for each combination of values, each with the whole amount.",
    )
    minimum: Amount | None = Field(default=None, description="A group that spends less than this never fires.")
    for_: Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 1})] = Field(
        default=1, alias="for", description="Consecutive firing evaluations before notifications are sent."
    )
    exceptions: tuple[ExceptionOptions, ...] = Field(default=(), description="Groups that are temporarily excepted.")
    alerts: Annotated[tuple[AlertOptions, ...], BeforeValidator(_not_empty)] = Field(
        description="Thresholds; the highest severity that fires wins.", json_schema_extra={"minItems": 1}
    )
