"""One document of a ``*.test.yaml`` as pydantic models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from finops.errors import InvalidValue
from finops.model.finding import Severity, State
from finops.model.money import Money
from finops.policy.options import Model, parse_money
from finops.policy.testing.expected_value import ExpectedValue, parse_expected

NEVER = "never"


def _moment(value: object) -> datetime:
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise InvalidValue(f"'{value}' is not a valid time", "Write it like 2026-03-20T06:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _delivery(value: object) -> datetime | None:
    if value == NEVER:
        return None
    try:
        return _moment(value)
    except ValueError:
        raise InvalidValue(f"'{value}' is not a valid time", "Write it like 2026-03-18T06:00:00Z, or never") from None


def _deliveries(value: object) -> object:
    """One moment stands for every source, under the empty name."""
    return value if isinstance(value, Mapping) else {"": value}


def _texts(value: object) -> object:
    """Group values are texts; no value is the empty one."""
    if isinstance(value, Mapping):
        return {key: "" if item is None else item for key, item in value.items()}
    return value


def _rate(value: object) -> Money:
    rate = parse_money(value)
    if rate.amount <= 0:
        raise InvalidValue(f"'{value}' is not a valid rate", "Write what one unit is worth, like 0.92 EUR")
    return rate


_MOMENT = WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-20T06:00:00Z"]})
Moment = Annotated[datetime, BeforeValidator(_moment), _MOMENT]
Delivery = Annotated[
    datetime | None,
    BeforeValidator(_delivery),
    WithJsonSchema({"type": "string", "examples": ["2026-03-18T06:00:00Z", NEVER]}),
]
Rate = Annotated[
    Money, BeforeValidator(_rate), WithJsonSchema({"type": "string", "pattern": r"^[\d_]+(\.\d+)?\s*[A-Z]{3}$"})
]
_VALUE_SCHEMA = {"type": ["string", "number", "null"], "examples": ["1.29 ± 0.01", "129 % ± 1 %", "9500 EUR"]}
Value = Annotated[ExpectedValue, BeforeValidator(parse_expected), WithJsonSchema(_VALUE_SCHEMA)]


class Expectation(Model):
    """What one group's verdict must be. Keys that are left out may be anything."""

    group: Annotated[dict[str, str], BeforeValidator(_texts)] = Field(
        default_factory=dict,
        description="The group, with a value for each column of group_by; '' is no value. Omit it without group_by.",
        examples=[{}, {"environment": "prod"}],
    )
    state: State = Field(description="ok, firing or unknown.")
    severity: Severity | None = Field(default=None, description="Severity of the firing verdict.")
    measure: str | None = Field(default=None, description="The measure that decided the verdict.", examples=["pace"])
    value: Value | None = Field(default=None, description="Its value: 1.29 is 129 %; ages are hours, emissions grams.")
    limit: Value | None = Field(default=None, description="The threshold it is compared with.")
    reason: str | tuple[str, ...] | None = Field(default=None, description="Words that the reason contains.")
    amount: dict[str, Value] = Field(
        default_factory=dict,
        description="Amounts behind the verdict, by name.",
        examples=[{"spent": "9500 EUR"}],
    )
    measures: dict[str, Value] = Field(
        default_factory=dict,
        description="Any measure, with _low and _high the ends of its interval.",
        examples=[{"spent": "0.79"}],
    )

    @model_validator(mode="after")
    def _only_firing_is_loud(self) -> Expectation:
        if self.severity is not None and self.state is not State.FIRING:
            raise InvalidValue(
                "only a firing verdict has a severity", f"Leave it out, or expect firing, not {self.state}"
            )
        return self


class PolicyTestFile(Model):
    """One test: a policy, a moment, made-up data, and what must come out."""

    api_version: Literal["finops/v1"] | None = Field(default=None, alias="apiVersion", description="May be left out.")
    policy: str = Field(description="Name of the policy under test.", examples=["checkout-monthly"])
    name: str = Field(default="", description="Name of the test, shown in reports.")
    now: Moment = Field(description="When the evaluation takes place.")
    spec: dict[str, Any] = Field(
        default_factory=dict,
        description="Values that replace those of the policy's spec in this test.",
        examples=[{"amount": "1000 EUR"}],
    )
    costs: str = Field(
        default="",
        description="CSV with 'day' (a day, or first..last), any FOCUS columns and dimensions. A row counts for each "
        "of its days; 100..150 rises from the first day to the last; an empty cell is a column left out.",
        examples=["day,team,EffectiveCost\n2026-03-01..2026-03-19,checkout,500\n"],
    )
    demand: dict[str, str] = Field(
        default_factory=dict,
        description="Series by name: 'first..last: value', on lines or between commas; or CSV of day, value and "
        "dimensions.",
        examples=[{"orders": "2026-02-01..2026-03-19: 1000"}],
    )
    commitments: str = Field(
        default="",
        description="CSV with 'ContractCommitmentId', its term, amount, labels and dimensions, for Commitment.",
        examples=["ContractCommitmentId,ContractCommitmentPeriodEnd\nplan-1,2026-05-01\n"],
    )
    emissions: str = Field(
        default="",
        description="CSV with 'day', 'grams', the labels of emissions, and dimensions; for kinds that read emissions.",
        examples=["day,team,grams\n2026-02-01..2026-02-28,checkout,50000\n"],
    )
    delivered: Annotated[dict[str, Delivery], BeforeValidator(_deliveries)] = Field(
        default_factory=dict,
        description="Up to when the sources delivered: one time for all, or one for each; never is allowed. Left out, "
        "every source delivered everything up to now.",
        examples=["2026-03-10T06:00:00Z", {"aws": "2026-03-10T06:00:00Z", "azure": NEVER}],
        json_schema_extra={"type": ["string", "object"]},
    )
    rates: dict[str, Rate] = Field(
        default_factory=dict,
        description="Value of one unit of each currency, on every day. Tests do not use the rates of finops.yaml.",
        examples=[{"USD": "0.92 EUR"}],
    )
    expect: tuple[Expectation, ...] = Field(
        description="A verdict for each group; a group that is not listed must be ok. [] means that nothing fires.",
        examples=[[{"state": "firing", "severity": "warning", "measure": "pace", "value": "1.29 ± 0.01"}]],
    )

    @field_validator("rates")
    @classmethod
    def _one_currency(cls, rates: dict[str, Money]) -> dict[str, Money]:
        if len({rate.currency for rate in rates.values()}) > 1:
            raise InvalidValue("rates in different currencies", "Write all rates in the same currency")
        return rates
