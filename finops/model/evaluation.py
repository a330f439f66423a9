"""The outcome of one evaluation, and the settings that it was made under."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from finops.model.calendar import NO_CALENDAR, Calendar
from finops.model.costs import Costs
from finops.model.data_version import DataVersion
from finops.model.finding import Finding, Group
from finops.model.incident import NO_INCIDENTS, IncidentKey, KnownIncidents, Sighting, incident_key
from finops.model.period import Period
from finops.model.rates import NO_RATES, Rates

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Settings:
    """What every policy shares. ``dimensions``: names of configured dimensions, in order. ``value_currencies``: of
    the series in money, by name. ``emissions``: names of the
    configured sources of emissions. ``calendar``: whose public holidays forecasts and expectations know.
    ``incidents``: what the state knows of them; they concern single groups only."""

    currency: str
    timezone: ZoneInfo = UTC
    fiscal_year_starts: int = 1
    settling: timedelta = timedelta(hours=48)
    dimensions: tuple[str, ...] = ()
    demand_units: Mapping[str, str] = field(default_factory=dict)
    value_currencies: Mapping[str, str] = field(default_factory=dict)
    rates: Rates = NO_RATES
    emissions: tuple[str, ...] = ()
    calendar: Calendar = NO_CALENDAR
    incidents: Mapping[IncidentKey, KnownIncidents] = field(default_factory=dict, compare=False)

    def incidents_of(self, policy: str, group: Group) -> KnownIncidents:
        return self.incidents.get(incident_key(policy, group), NO_INCIDENTS) if self.incidents else NO_INCIDENTS


@dataclass(frozen=True, slots=True)
class Track:
    """The days behind one finding, for charts: amounts in the finding's currency.

    ``spent[i]`` is what day ``days[i]`` cost; ``due[i]`` is the budget's own line up to the end of that day
    (cumulative), over the whole period, empty for kinds without a limit. ``settled_through`` is the last settled day.

    ``lines``: further lines by name, each aligned with the days of ``period`` from the first; None where there is no
    value: ``forecast``, ``forecast_low``, ``forecast_high`` (cumulative), ``expected``, ``expected_low``,
    ``expected_high`` (a day's), ``demand`` (a day's, in the demand's unit), ``unit_cost`` (a day's), ``emissions`` (a
    day's, in grams).
    """

    policy: str
    group: str
    period: Period
    currency: str
    days: Sequence[date]
    spent: Sequence[Decimal]
    due: Sequence[Decimal] = ()
    settled_through: date | None = None
    lines: Mapping[str, Sequence[Decimal | None]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The stored form: days ISO 8601, amounts as decimal text."""
        return {
            "policy": self.policy,
            "group": self.group,
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "currency": self.currency,
            "days": [day.isoformat() for day in self.days],
            "spent": [str(amount) for amount in self.spent],
            "due": [str(amount) for amount in self.due],
            "settled_through": self.settled_through.isoformat() if self.settled_through else None,
            "lines": {
                name: [str(value) if value is not None else None for value in line] for name, line in self.lines.items()
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Track:
        """The inverse of ``to_json``."""
        start, end = data["period"]
        settled = data["settled_through"]
        return cls(
            policy=data["policy"],
            group=data["group"],
            period=Period(date.fromisoformat(start), date.fromisoformat(end)),
            currency=data["currency"],
            days=tuple(date.fromisoformat(day) for day in data["days"]),
            spent=tuple(Decimal(amount) for amount in data["spent"]),
            due=tuple(Decimal(amount) for amount in data["due"]),
            settled_through=date.fromisoformat(settled) if settled else None,
            lines={
                name: tuple(Decimal(value) if value is not None else None for value in line)
                for name, line in data["lines"].items()
            },
        )


@dataclass(frozen=True, slots=True)
class Excepted:
    """A group that a policy excepts for ``reason``, up to and with the day ``expires``."""

    policy: str
    group: Group
    reason: str
    expires: date


@dataclass(frozen=True)  # without slots: what is cached needs a place
class Evaluation:
    """Everything that one evaluation says, in a fixed order (policy, then group). ``excepted``: exceptions that hold,
    whether or not the group would fire without them."""

    as_of: datetime
    data_version: DataVersion
    findings: tuple[Finding, ...]
    tracks: tuple[Track, ...]
    costs: Costs
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By a finding's ``anchor``: the names of the sources that its rows came from."""
    excepted: tuple[Excepted, ...] = ()
    sightings: Mapping[IncidentKey, Sighting] = field(default_factory=dict)
    """Of each group that is known and whose rule tells incidents."""

    @cached_property
    def id(self) -> str:
        """The same moment, data and verdicts give the same id, in every process."""
        verdicts = sorted(finding.id for finding in self.findings)
        parts = (self.as_of.isoformat(), json.dumps(self.data_version.to_json(), sort_keys=True), *verdicts)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
