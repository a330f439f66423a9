"""What a commit of ``costs`` says about each billing period that it replaced: JSON in the log <-> our values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any

from finops.lake.tables.commit_log import Mark
from finops.model.money import EXACT
from finops.ports.lake import COSTS, Change, Known, Sums


@dataclass(frozen=True, slots=True)
class Entry:
    """One billing period as a commit brought it."""

    digest: str
    rows: int
    sums: Sums
    restated: Sums
    complete_through: datetime | None
    manifest: Mapping[str, object]
    estimated_from: date | None = None
    unknown_costs: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "digest": self.digest,
            "rows": self.rows,
            "sums": _sums_to_json(self.sums),
            "restated": _sums_to_json(self.restated),
            "complete_through": self.complete_through.isoformat() if self.complete_through else None,
            "manifest": dict(self.manifest),
            **({"estimated_from": self.estimated_from.isoformat()} if self.estimated_from else {}),
            **({"unknown_costs": dict(self.unknown_costs)} if self.unknown_costs else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entry:
        through = data["complete_through"]
        estimated = data.get("estimated_from")
        return cls(
            digest=data["digest"],
            rows=data["rows"],
            sums=_sums_from_json(data["sums"]),
            restated=_sums_from_json(data["restated"]),
            complete_through=datetime.fromisoformat(through) if through else None,
            manifest=data["manifest"],
            estimated_from=date.fromisoformat(estimated) if estimated else None,
            unknown_costs=data.get("unknown_costs", {}),
        )


def known(version: int, period: date, mark: Mark) -> Known:
    entry = Entry.from_json(mark["entries"][period.isoformat()])
    return Known(
        billing_period=period,
        digest=entry.digest,
        rows=entry.rows,
        sums=entry.sums,
        run_id=mark["run"],
        written_at=mark["at"],
        costs_version=version,
        complete_through=entry.complete_through,
        manifest=entry.manifest,
        estimated_from=entry.estimated_from,
        unknown_costs=entry.unknown_costs,
    )


def changes(version: int, mark: Mark) -> list[Change]:
    """The lines of history that one commit wrote, by period."""
    found = []
    for period, data in sorted(mark.get("entries", {}).items()):
        entry = Entry.from_json(data)
        found.append(
            Change(
                at=mark["at"],
                costs_version=version,
                run_id=mark["run"],
                source=mark["source"],
                billing_period=date.fromisoformat(period),
                rows=entry.rows,
                sums=entry.sums,
                restated=entry.restated,
            )
        )
    return found


def difference(new: Sums, old: Sums) -> dict[str, dict[str, Decimal]]:
    """``new - old`` for each currency and cost that either has, exact."""
    zero = dict.fromkeys(COSTS, Decimal(0))
    with localcontext(EXACT):
        return {
            currency: {
                cost: new.get(currency, zero).get(cost, Decimal(0)) - old.get(currency, zero).get(cost, Decimal(0))
                for cost in COSTS
            }
            for currency in sorted({*new, *old})
        }


def _sums_to_json(sums: Sums) -> dict[str, dict[str, str]]:
    return {currency: {cost: f"{amount:f}" for cost, amount in costs.items()} for currency, costs in sums.items()}


def _sums_from_json(data: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Decimal]]:
    return {currency: {cost: Decimal(amount) for cost, amount in costs.items()} for currency, costs in data.items()}
