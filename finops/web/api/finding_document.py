"""The JSON form of a finding, for the OpenAPI description; a test holds it to ``Finding.to_json``."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from finops.model.finding import Severity, State
from finops.model.unit import Unit
from finops.web.api.answer import Document


class PeriodDocument(Document):
    """Whole days; ``to`` is the first day after the period."""

    from_: date = Field(alias="from")
    to: date


class TrackDocument(Document):
    """The days behind a finding, for a chart: amounts in ``currency``, decimal strings."""

    currency: str
    days: list[date]
    spent: list[str] = Field(description="Cost of each day")
    due: list[str] = Field(description="Cumulative budget at the end of each day of the period; may be empty")
    settled_through: date | None
    lines: dict[str, list[str | None]] = Field(
        description="Further series, aligned with the days of the period: forecast, expected, demand, unit_cost …"
    )


class DriverDocument(Document):
    """One part of a change, in the finding's currency."""

    by: str = Field(examples=["ServiceName"])
    value: str
    name: str = Field(description="Display name of the value; may be empty")
    change: str = Field(examples=["+1200.00"])
    volume: str | None = Field(default=None, description="Change in usage at the old price")
    price: str | None = Field(default=None, description="Change in price at the same usage")
    mix: str | None = Field(default=None, description="Shift to more or less expensive resources")
    other: str | None = Field(default=None, description="Rows without a quantity or SKU; the four sum to the change")


class ChangeDocument(Document):
    """How the cost behind a firing finding changed; the four parts add up to after_amount - before_amount, exactly."""

    before: PeriodDocument
    after: PeriodDocument
    before_days: int = Field(description="Number of days summed in the period before")
    after_days: int
    of: str = Field(description="Which cost of the finding changed; empty: all")
    before_amount: str = Field(description="Scaled to the number of days after")
    after_amount: str
    volume: str
    price: str
    mix: str
    other: str
    explained: str | None = Field(description="Change if cost had grown in proportion to demand")


class FindingDocument(Document):
    """What one policy says about one group. Amounts are decimal strings, ratios numbers (1.29 is 129 %)."""

    id: str
    policy: str
    kind: str = Field(examples=["Budget"])
    owner: str
    description: str
    group: dict[str, str]
    state: State
    severity: Severity | None
    reason: str
    measure: str
    value: float | None
    limit: float | None
    unit: Unit | None = Field(description="Unit of value and limit; amounts are in the currency of amount")
    measures: dict[str, float]
    units: dict[str, Unit] = Field(description="Unit of each measure, by name")
    amount: dict[str, str] = Field(description="Decimal strings by name, and their currency")
    period: PeriodDocument
    demand: str = Field(description="Demand series that the cost is compared with")
    per: str = Field(description="Number of units of demand that a unit cost is the cost of", examples=["1000000"])
    as_of: datetime
    complete_through: date | None
    data_version: dict[str, int | None]
    policy_digest: str
    for_: int = Field(alias="for", description="Consecutive firing evaluations before an alert fires")
    notes: list[str] = Field(description="What the numbers exclude")
    change: ChangeDocument | None
    drivers: list[DriverDocument]


class OneFindingDocument(FindingDocument):
    """A finding, and the days behind it while it is one of the newest evaluation."""

    track: TrackDocument | None


class VerdictDayDocument(Document):
    """The last verdict of a day about one policy and group."""

    day: date
    as_of: datetime
    state: State
    severity: Severity | None
    measure: str
    value: float | None
    limit: float | None
    reason: str
    then: bool = Field(description="true: evaluated on the day itself; false: later, on the bills known then")
