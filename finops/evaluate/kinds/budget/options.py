"""``spec`` of a Budget as its file says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from finops.documents import did_you_mean
from finops.errors import InvalidValue
from finops.model.money import Money
from finops.model.period import Period, PeriodKind
from finops.policy.options import Amount, CommonOptions, Day, Known, Model

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHARE = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*%\s*")
_EXHAUSTS = re.compile(r"\s*exhausts_in\b")
_DAYWISE = ("day", "week")


class Due(StrEnum):
    """How a budget falls due within its period."""

    LINEAR = "linear"
    PROFILE = "profile"


class Rollover(StrEnum):
    """What of a period's budget carries forward into the next period of the fiscal year."""

    NONE = "none"
    UNSPENT = "unspent"
    BALANCE = "balance"


class Span(Model):
    """A period of its own: the days from ``from`` up to, not including, ``to``."""

    from_: Day = Field(alias="from", description="The first day.")
    to: Day = Field(description="The first day after it.")

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.to <= self.from_:
            raise InvalidValue(
                f"the period ends on {self.to} before it starts on {self.from_}",
                "'to' is exclusive: write the day after the last one",
            )
        return self

    @property
    def period(self) -> Period:
        return Period(self.from_, self.to)


def _month(value: object) -> str:
    if not _MONTH.fullmatch(str(value)):
        raise InvalidValue(f"'{value}' is not a valid month", "Write it like 2026-01")
    return str(value)


def _growth(value: object) -> Decimal:
    match = _SHARE.fullmatch(str(value))
    if match is None:
        raise InvalidValue(f"'{value}' is not a valid percentage", "Write it like 2%")
    share = Decimal(match[1]) / 100
    if share <= -1:
        raise InvalidValue(f"'{value}' leaves nothing of the budget", "Shrink by less than 100%")
    return share


class Growth(Model):
    """An amount a month that grows from month to month."""

    start: Annotated[
        str, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": f"^{_MONTH.pattern}$"})
    ] = Field(description="The first month.", examples=["2026-01"])
    base: Amount = Field(description="The amount of the first month.")
    growth_per_month: Annotated[
        Decimal, BeforeValidator(_growth), WithJsonSchema({"type": "string", "pattern": f"^{_SHARE.pattern}$"})
    ] = Field(description="Growth of each month over the previous one.", examples=["2%"])


class Flexed(Model):
    """An amount for each unit of a demand series: the budget follows demand."""

    per: str = Field(description="Name of a demand series.", examples=["orders"])
    amount: Amount = Field(description="Budget for one unit.", examples=["0.04 EUR"])

    @field_validator("per")
    @classmethod
    def _is_known(cls, value: str, info: ValidationInfo) -> str:
        known: Known | None = info.context
        if known is not None and value not in known.demand:
            hint = did_you_mean(value, known.demand) if known.demand else "Configure the series under 'demand:'"
            raise InvalidValue(f"unknown demand series '{value}'", f"{hint}")
        return value


def _starts(value: object) -> object:
    if isinstance(value, Mapping):
        for key in value:
            if not (_MONTH.fullmatch(str(key)) or _DAY.fullmatch(str(key))):
                raise InvalidValue(
                    f"'{key}' does not start a period", "Write a month like 2026-01, or a day like 2026-01-05"
                )
    return value


ByStart = Annotated[dict[str, Amount], BeforeValidator(_starts), Field(min_length=1)]


class Revision(Model):
    """New amounts from some period on; earlier ones stay as they were."""

    from_: Annotated[
        str, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": f"^{_MONTH.pattern}$"})
    ] = Field(alias="from", description="The first month with a new amount.", examples=["2026-07"])
    by: str = Field(min_length=1, description="Who decided it.", examples=["cfo@example.com"])
    reason: str = Field(min_length=1, description="Why.", examples=["second data centre"])
    amount: ByStart = Field(
        description="The new amounts by month; months that are not listed keep theirs.",
        examples=[{"2026-07": "14000 EUR"}],
    )

    @model_validator(mode="after")
    def _begins_with_its_month(self) -> Revision:
        for start in self.amount:
            if not _MONTH.fullmatch(start):
                raise InvalidValue(f"'{start}' is not the start of a month", "Write it like 2026-07")
            if start < self.from_:
                raise InvalidValue(
                    f"the revision from {self.from_} has an amount for {start}", "Remove it, or revise from that month"
                )
        return self


def _form(value: Any) -> str:
    if not isinstance(value, Mapping):
        return "amount"
    if {"per", "amount"} & set(value):
        return "Flexed"
    return "Growth" if {"start", "base", "growth_per_month"} & set(value) else "starts"


def _period_form(value: Any) -> str:
    return "Span" if isinstance(value, Mapping) else "name"


class BudgetOptions(CommonOptions):
    """Is spending within budget?"""

    period: Annotated[
        Annotated[PeriodKind, Tag("name")] | Annotated[Span, Tag("Span")], Discriminator(_period_form)
    ] = Field(
        description="day, week (from Monday), month, quarter or year (fiscal), or {from, to} with 'to' exclusive.",
        examples=["month", {"from": "2026-01-01", "to": "2026-07-01"}],
    )
    amount: Annotated[
        Annotated[Amount, Tag("amount")]
        | Annotated[Flexed, Tag("Flexed")]
        | Annotated[Growth, Tag("Growth")]
        | Annotated[ByStart, Tag("starts")],
        Discriminator(_form),
    ] = Field(
        description="What a period may cost, for each group: one amount; amounts by the period's start; an amount a "
        "month that grows; or an amount for each unit of a demand series.",
        examples=["12000 EUR", {"2026-01": "10000 EUR"}, {"per": "orders", "amount": "0.04 EUR"}],
    )

    due: Annotated[Due, WithJsonSchema({"type": "string", "enum": ["linear", "profile"]})] = Field(
        default=Due.LINEAR,
        description="When the budget is due, for pace: linear (evenly over the days), or profile (by each day of the "
        "month as much as in the complete months before; evenly where there is none).",
        examples=["profile"],
    )
    starts: Day | None = Field(
        default=None,
        description="The first day that anything is due, for pace, where a scope starts within a period; default: "
        "the group's first day with costs.",
        examples=["2026-03-11"],
    )

    revisions: tuple[Revision, ...] = Field(
        default=(),
        description="Later versions of the budget, the oldest first: each with who decided it, why, and its amounts by "
        "month. Needs an amount by month.",
    )
    rollover: Annotated[Rollover, WithJsonSchema({"type": "string", "enum": ["none", "unspent", "balance"]})] = Field(
        default=Rollover.NONE,
        description="What carries forward into the next month or quarter of the fiscal year, once a period has "
        "settled: none; unspent (the unspent remainder; an overrun is not deducted); balance (the remainder, or the "
        "overrun).",
        examples=["unspent"],
    )
    parent: str = Field(
        default="",
        description="Name of the budget that this one is a part of; the parts should add up to it.",
        examples=["engineering-2027"],
    )

    @model_validator(mode="after")
    def _revisions_fit(self) -> BudgetOptions:
        if not self.revisions:
            return self
        if not isinstance(self.amount, dict) or self.period in _DAYWISE:
            raise InvalidValue(
                "only a budget with amounts by month has revisions", "List its months: {2026-01: 10000 EUR, …}"
            )
        for earlier, later in zip(self.revisions, self.revisions[1:], strict=False):
            if later.from_ < earlier.from_:
                raise InvalidValue(
                    f"the revision from {later.from_} is listed after that from {earlier.from_}",
                    "List revisions by month, the oldest first",
                )
        currencies = {money.currency for one in self.revisions for money in one.amount.values()} | {self.currency}
        if len(currencies) > 1:
            raise InvalidValue("one budget has amounts in two currencies", "Write all amounts in one currency")
        for money in (money for one in self.revisions for money in one.amount.values()):
            if money.amount < 0:
                raise InvalidValue(f"the budget {money} is negative", "Write a positive amount")
        return self

    @model_validator(mode="after")
    def _rollover_fits(self) -> BudgetOptions:
        if self.rollover is Rollover.NONE:
            return self
        if self.period not in ("month", "quarter"):
            raise InvalidValue(
                "a remainder carries forward from month to month or from quarter to quarter",
                "Use the period month or quarter, or remove 'rollover'",
            )
        if isinstance(self.amount, Flexed):
            raise InvalidValue(
                "a budget flexed by demand has no remainder to carry forward", "Remove 'rollover', or write an amount"
            )
        return self

    @model_validator(mode="after")
    def _due_fits(self) -> BudgetOptions:
        if isinstance(self.amount, Flexed) and (self.due is Due.PROFILE or self.starts is not None):
            raise InvalidValue(
                "a budget flexed by demand is due as demand comes", "Remove 'due' and 'starts', or write an amount"
            )
        if self.due is Due.PROFILE and self.period in _DAYWISE:
            raise InvalidValue(
                f"due: profile follows the days of a month, and the period is a {self.period}",
                "Write 'due: linear', or use the period month, quarter or year",
            )
        return self

    @field_validator("amount")
    @classmethod
    def _can_be_spent(cls, value: Any) -> Any:
        amounts = _amounts(value)
        for money in amounts:
            if money.amount < 0:
                raise InvalidValue(f"the budget {money} is negative", "Write a positive amount")
        if len({money.currency for money in amounts}) > 1:
            raise InvalidValue("one budget has amounts in two currencies", "Write all amounts in one currency")
        return value

    @field_validator("amount")
    @classmethod
    def _fits_the_period(cls, value: Any, info: ValidationInfo) -> Any:
        period = info.data.get("period")
        if period in _DAYWISE and isinstance(value, Growth):
            raise InvalidValue(
                f"growth_per_month is not supported for the period {period}", "Use the period month, quarter or year"
            )
        if period is not None and isinstance(value, dict):
            wanted, example = (_DAY, "2026-01-05") if period in _DAYWISE else (_MONTH, "2026-01")
            for key in value:
                if not wanted.fullmatch(key):
                    name = period if isinstance(period, str) else "month"
                    raise InvalidValue(f"'{key}' is not the start of a {name}", f"Write it like {example}")
        return value

    @field_validator("amount")
    @classmethod
    def _can_be_exhausted(cls, value: Any, info: ValidationInfo) -> Any:
        alerts = info.data.get("alerts") or ()
        if isinstance(value, Flexed) and any(_EXHAUSTS.match(alert.when) for alert in alerts):
            raise InvalidValue(
                "a budget flexed by demand grows with demand and has no exhausts_in",
                "Use pace or forecast, or an amount in money",
            )
        return value

    @property
    def currency(self) -> str:
        return _amounts(self.amount)[0].currency

    @property
    def in_force(self) -> Money | Mapping[str, Money] | Growth | Flexed:
        """``amount`` with all revisions."""
        if not isinstance(self.amount, dict):
            return self.amount
        return dict(
            item for amounts in (self.amount, *(one.amount for one in self.revisions)) for item in amounts.items()
        )


def _amounts(value: Any) -> list[Money]:
    if isinstance(value, Money):
        return [value]
    if isinstance(value, Flexed):
        return [value.amount]
    return [value.base] if isinstance(value, Growth) else list(value.values())
