"""A verdict with everything that a person needs to believe it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote

from finops.model.data_version import DataVersion
from finops.model.money import EXACT, Money, plain
from finops.model.period import Period
from finops.model.unit import Unit


class State(StrEnum):
    OK = "ok"
    FIRING = "firing"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """In rising order; compare with ``rank``."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


Group = Mapping[str, str]


def group_label(group: Group) -> str:
    """``environment=prod,team=checkout``: keys sorted, empty without ``group_by``."""
    return ",".join(f"{key}={group[key]}" for key in sorted(group))


def page_of(policy: str, group: Group) -> str:
    """The path of the page about a policy and group, from the service's root."""
    label, path = group_label(group), f"/policies/{quote(policy, safe='')}"
    if not label:
        return path
    # a group can be named by its place too: some proxies refuse an address of 10,000 characters
    return f"{path}?group={quote(label if len(label) <= _LONGEST_IN_ADDRESS else place_of(policy, group), safe='')}"


def place_of(policy: str, group: Group) -> str:
    """A short name for a policy and group, the same in every process: for addresses and histories."""
    return "b-" + hashlib.sha256(f"{policy}\x1f{group_label(group)}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Driver:
    """One part of a change: ``by`` a column, its ``value``, the ``change`` in the finding's currency.

    ``name`` is what the bill calls the value beside its id (an account's or resource's name); empty where it does not.
    ``volume``, ``price``, ``mix`` and ``other`` are parts of the change, and add up to it exactly (see ``Change``).
    """

    by: str
    value: str
    change: Decimal
    volume: Decimal | None = None
    price: Decimal | None = None
    mix: Decimal | None = None
    other: Decimal | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """How the cost behind a finding changed: of ``before_days`` in the span ``before`` (scaled to ``after_days``) to
    ``after_days`` in the span ``after``, in the finding's currency.

    ``volume`` + ``price`` + ``mix`` + ``other`` = ``after_amount`` - ``before_amount``, exactly. ``other``: rows
    without a quantity of use or a SKU. ``explained``: by how much the cost would have changed had it followed demand
    one to one; None where no demand is known. ``of``: which of the finding's costs, where it is not all of them.
    """

    before: Period
    after: Period
    before_amount: Decimal
    after_amount: Decimal
    volume: Decimal
    price: Decimal
    mix: Decimal
    other: Decimal
    before_days: int
    after_days: int
    explained: Decimal | None = None
    of: str = ""

    @property
    def total(self) -> Decimal:
        return EXACT.subtract(self.after_amount, self.before_amount)

    def to_json(self) -> dict[str, Any]:
        amounts = {name: getattr(self, name) for name in _CHANGE_AMOUNTS}
        return {
            **{name: plain(amount) if amount is not None else None for name, amount in amounts.items()},
            "before_days": self.before_days,
            "after_days": self.after_days,
            "of": self.of,
            "before": {"from": self.before.start.isoformat(), "to": self.before.end.isoformat()},
            "after": {"from": self.after.start.isoformat(), "to": self.after.end.isoformat()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        """The inverse of ``to_json``."""
        amounts = {name: Decimal(data[name]) if data[name] is not None else None for name in _CHANGE_AMOUNTS}
        return cls(
            before=_period(data["before"]),
            after=_period(data["after"]),
            before_days=data["before_days"],
            after_days=data["after_days"],
            of=data["of"],
            **amounts,  # type: ignore[arg-type] # only ``explained`` can be None
        )


_CHANGE_AMOUNTS = ("before_amount", "after_amount", "volume", "price", "mix", "other", "explained")
_LONGEST_IN_ADDRESS = 200
_PARTS = ("volume", "price", "mix", "other")


@dataclass(frozen=True)  # without slots: what is cached needs a place
class Finding:
    """What one policy says about one group at one moment. Ratios are numbers: 1.29 is 129 %.

    ``amount`` holds the money behind the verdict by name (``spent``, ``limit``, ``due``, ``remaining`` …), all in one
    currency. ``complete_through`` is the last day that is settled in every source of the scope.
    ``for_evaluations`` (contract: ``for``) is how many evaluations in a row must fire before an alert does.
    ``drivers`` and ``change`` are there while it fires. ``demand``: the demand series that the cost was held against.
    ``per``: of how many units of it a unit cost is the cost. ``notes``: sentences about what was left out of the
    numbers.
    """

    policy: str
    kind: str
    owner: str
    group: Group
    state: State
    severity: Severity | None
    reason: str
    measure: str
    value: float | None
    limit: float | None
    amount: Mapping[str, Money]
    currency: str
    period: Period
    as_of: datetime
    complete_through: date | None
    data_version: DataVersion
    policy_digest: str
    description: str = ""
    drivers: tuple[Driver, ...] = ()
    for_evaluations: int = 1
    measures: Mapping[str, float] = field(default_factory=dict)
    """Every measure that could be computed, by name: ``{"spent": 0.79, "pace": 1.29}``; with ``_low`` and ``_high`` the
    ends of its interval."""
    unit: Unit | None = None
    """Of ``value`` and ``limit``."""
    units: Mapping[str, Unit] = field(default_factory=dict)
    """Of each of ``measures``, by the name of the measure."""
    change: Change | None = None
    demand: str = ""
    notes: tuple[str, ...] = ()
    per: Decimal = Decimal(1)

    @cached_property
    def group_label(self) -> str:
        return group_label(self.group)

    @cached_property
    def id(self) -> str:
        """The same arguments give the same id, in every process."""
        parts = (
            self.policy,
            self.group_label,
            self.as_of.isoformat(),
            _version_text(self.data_version),
            self.policy_digest,
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]

    @cached_property
    def anchor(self) -> str:
        """Where this (policy, group) stands on a page; the same fragment from one evaluation to the next."""
        return place_of(self.policy, self.group)

    @property
    def page(self) -> str:
        """The path of the page about this policy and group, from the service's root."""
        return page_of(self.policy, self.group)

    def to_json(self) -> dict[str, Any]:
        """The contract's form: amounts are decimal strings, ratios numbers, days ISO 8601."""
        amount: dict[str, str] = {name: plain(money.amount, money.currency) for name, money in self.amount.items()}
        amount["currency"] = self.currency
        return {
            "id": self.id,
            "policy": self.policy,
            "kind": self.kind,
            "owner": self.owner,
            "description": self.description,
            "group": dict(self.group),
            "state": self.state.value,
            "severity": self.severity.value if self.severity else None,
            "reason": self.reason,
            "measure": self.measure,
            "value": self.value,
            "limit": self.limit,
            "unit": self.unit.value if self.unit else None,
            "measures": dict(self.measures),
            "units": {name: unit.value for name, unit in self.units.items()},
            "amount": amount,
            "period": {"from": self.period.start.isoformat(), "to": self.period.end.isoformat()},
            "demand": self.demand,
            "per": f"{self.per:f}",
            "as_of": self.as_of.isoformat().replace("+00:00", "Z"),
            "complete_through": self.complete_through.isoformat() if self.complete_through else None,
            "data_version": self.data_version.to_json(),
            "policy_digest": self.policy_digest,
            "for": self.for_evaluations,
            "notes": list(self.notes),
            "change": self.change.to_json() if self.change else None,
            "drivers": [
                {"by": d.by, "value": d.value, "name": d.name, "change": _signed(d.change)}
                | {name: _signed(part) for name in _PARTS if (part := getattr(d, name)) is not None}
                for d in self.drivers
            ],
        }

    @cached_property
    def text(self) -> str:
        """The stored form: ``to_json`` as one line."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """The inverse of ``to_json``."""
        currency = data["amount"]["currency"]
        return cls(
            policy=data["policy"],
            kind=data["kind"],
            owner=data["owner"],
            description=data["description"],
            group=data["group"],
            state=State(data["state"]),
            severity=Severity(data["severity"]) if data["severity"] else None,
            reason=data["reason"],
            measure=data["measure"],
            value=data["value"],
            limit=data["limit"],
            unit=Unit(data["unit"]) if data.get("unit") else None,  # kept before findings had units
            measures=data["measures"],
            units={name: Unit(unit) for name, unit in data.get("units", {}).items()},
            amount={k: Money(Decimal(v), currency) for k, v in data["amount"].items() if k != "currency"},
            currency=currency,
            period=_period(data["period"]),
            demand=data["demand"],
            per=Decimal(data.get("per", 1)),  # kept before findings had it
            notes=tuple(data["notes"]),
            change=Change.from_json(data["change"]) if data["change"] else None,
            as_of=datetime.fromisoformat(data["as_of"]),
            complete_through=date.fromisoformat(data["complete_through"]) if data["complete_through"] else None,
            data_version=DataVersion.from_json(data["data_version"]),
            policy_digest=data["policy_digest"],
            for_evaluations=data["for"],
            drivers=tuple(
                Driver(
                    d["by"],
                    d["value"],
                    Decimal(d["change"]),
                    name=d["name"],
                    **{name: Decimal(d[name]) for name in _PARTS if name in d},
                )
                for d in data["drivers"]
            ),
        )


@lru_cache(maxsize=64)  # all findings of an evaluation have one
def _version_text(version: DataVersion) -> str:
    return json.dumps(version.to_json(), sort_keys=True)


def _period(data: Mapping[str, str]) -> Period:
    return Period(date.fromisoformat(data["from"]), date.fromisoformat(data["to"]))


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount >= 0 else ''}{plain(amount)}"
