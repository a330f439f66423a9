"""What a commit of ``costs`` says about each billing period that it replaced: JSON in the log <-> our values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any

from finops.lake.tables.commit_log import Mark
from finops.model.completeness import Completeness, PartReach, UsageDay, end_of
from finops.model.money import EXACT
from finops.model.quality import Quality
from finops.ports.lake import COSTS, Change, Known, Sums


@dataclass(frozen=True, slots=True)
class Entry:
    """One billing period as a commit brought it."""

    digest: str
    rows: int
    sums: Sums
    restated: Sums
    completeness: Completeness
    manifest: Mapping[str, object]
    estimated_from: date | None = None
    unknown_costs: Mapping[str, int] = field(default_factory=dict)
    quality: Quality | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "digest": self.digest,
            "rows": self.rows,
            "sums": _sums_to_json(self.sums),
            "restated": _sums_to_json(self.restated),
            "completeness": _completeness_to_json(self.completeness),
            "manifest": dict(self.manifest),
            **({"estimated_from": self.estimated_from.isoformat()} if self.estimated_from else {}),
            **({"unknown_costs": dict(self.unknown_costs)} if self.unknown_costs else {}),
            **({"quality": self.quality.to_json()} if self.quality else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entry:
        estimated = data.get("estimated_from")
        return cls(
            digest=data["digest"],
            rows=data["rows"],
            sums=_sums_from_json(data["sums"]),
            restated=_sums_from_json(data["restated"]),
            completeness=_completeness_from_json(data.get("completeness", {})),
            manifest=data["manifest"],
            estimated_from=date.fromisoformat(estimated) if estimated else None,
            unknown_costs=data.get("unknown_costs", {}),
            quality=Quality.from_json(data["quality"]) if "quality" in data else None,
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
        completeness=entry.completeness,
        manifest=entry.manifest,
        estimated_from=entry.estimated_from,
        unknown_costs=entry.unknown_costs,
        quality=entry.quality,
        repaired=mark.get("repaired", {}),
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


def _completeness_to_json(found: Completeness) -> dict[str, Any]:
    """A day that ends at midnight is the number of its rows."""
    return {
        "usage": {
            day.isoformat(): usage.rows if usage.end == end_of(day) else [usage.rows, usage.end.isoformat()]
            for day, usage in found.usage.items()
        },
        "charges_through": found.charges_through.isoformat() if found.charges_through else None,
        "parts": {name: [part.through.isoformat(), part.pause_days] for name, part in found.parts.items()},
    }


def _completeness_from_json(data: Mapping[str, Any]) -> Completeness:
    charges = data.get("charges_through")
    return Completeness(
        usage={
            day: _usage_day(day, of)
            for day, of in ((date.fromisoformat(text), of) for text, of in data.get("usage", {}).items())
        },
        charges_through=datetime.fromisoformat(charges) if charges else None,
        parts={
            name: PartReach(datetime.fromisoformat(through), pause)
            for name, (through, pause) in data.get("parts", {}).items()
        },
    )


def _usage_day(day: date, data: int | list[Any]) -> UsageDay:
    return UsageDay(data, end_of(day)) if isinstance(data, int) else UsageDay(data[0], datetime.fromisoformat(data[1]))
