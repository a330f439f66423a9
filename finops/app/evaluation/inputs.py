"""What an evaluation was made from, as plain texts and values: stored with its findings, read back by an audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from finops.collect.rates.ecb_file import parse_rates
from finops.model.allocation import Allocation
from finops.model.archive import Inputs
from finops.model.calendar import Calendar
from finops.model.dimension import Dimension, Else, FromTags, Step, When
from finops.model.evaluation import Settings
from finops.model.incident import AcceptedLevel, IncidentKey, KnownIncidents, incident_key
from finops.model.policy import Policy
from finops.model.rates import NO_RATES
from finops.model.source_freshness import SourceFreshness

_POLICY = "policy/"
_RATES = "rates"


@dataclass(frozen=True, slots=True)
class Recalled:
    """The inputs of an evaluation, ready to evaluate with again."""

    settings: Settings
    freshness: tuple[SourceFreshness, ...]
    dimensions: tuple[Dimension, ...]
    allocations: tuple[Allocation, ...]
    policy_texts: Mapping[str, str]
    policy_places: Mapping[str, tuple[str, int]]
    """File and line that each stood in."""


def archive(
    policies: Sequence[Policy],
    settings: Settings,
    freshness: Sequence[SourceFreshness],
    dimensions: Sequence[Dimension],
    rates_text: str | None,
    allocations: Sequence[Allocation] = (),
) -> Inputs:
    """Everything but the data itself, which the lake keeps by version."""
    documents = {f"{_POLICY}{policy.name}": policy.text for policy in policies}
    if rates_text is not None:
        documents[_RATES] = rates_text
    values = {
        "settings": {
            "currency": settings.currency,
            "timezone": settings.timezone.key,
            "fiscal_year_starts": settings.fiscal_year_starts,
            "settling_seconds": settings.settling.total_seconds(),
            "dimensions": list(settings.dimensions),
            "demand_units": dict(settings.demand_units),
            "value_currencies": dict(settings.value_currencies),
            "emissions": list(settings.emissions),
            "calendar": [settings.calendar.country, settings.calendar.subdivision],
            **({"incidents": _incidents_to_json(settings)} if settings.incidents else {}),
        },
        "policies": {policy.name: [policy.file, policy.line] for policy in policies},
        "standings": [_freshness_to_json(source) for source in freshness],
        "dimensions": [
            {"name": dimension.name, "steps": [_step_to_json(step) for step in dimension.steps]}
            for dimension in dimensions
        ],
        **({"allocations": [allocation.to_json() for allocation in allocations]} if allocations else {}),
    }
    return Inputs(documents, values)


def recall(inputs: Inputs) -> Recalled:
    """The inverse of ``archive``."""
    stored = inputs.values["settings"]
    rates = inputs.documents.get(_RATES)
    settings = Settings(
        currency=stored["currency"],
        timezone=ZoneInfo(stored["timezone"]),
        fiscal_year_starts=stored["fiscal_year_starts"],
        settling=timedelta(seconds=stored["settling_seconds"]),
        dimensions=tuple(stored["dimensions"]),
        demand_units=stored["demand_units"],
        value_currencies=stored.get("value_currencies", {}),  # archives of before there were any
        emissions=tuple(stored.get("emissions", ())),  # as above
        calendar=Calendar(*stored.get("calendar", ())),  # as above
        rates=parse_rates(rates, _RATES) if rates is not None else NO_RATES,
        incidents=_incidents_from_json(stored.get("incidents", ())),
    )
    return Recalled(
        settings=settings,
        freshness=tuple(_freshness_from_json(item) for item in inputs.values["standings"]),
        dimensions=tuple(
            Dimension(item["name"], tuple(_step_from_json(step) for step in item["steps"]))
            for item in inputs.values["dimensions"]
        ),
        allocations=tuple(Allocation.from_json(item) for item in inputs.values.get("allocations", ())),
        policy_texts={
            name.removeprefix(_POLICY): text for name, text in inputs.documents.items() if name.startswith(_POLICY)
        },
        # archives of before places were kept have none
        policy_places={name: (file, line) for name, (file, line) in inputs.values.get("policies", {}).items()},
    )


def _incidents_to_json(settings: Settings) -> list[dict[str, Any]]:
    return [
        {
            "policy": policy,
            "group": dict(group),
            "open": [since.isoformat() for since in known.open],
            "accepted": [
                [level.since.isoformat(), level.reason, level.by, level.on.isoformat() if level.on else None]
                for level in known.accepted
            ],
        }
        for (policy, group), known in sorted(settings.incidents.items())
    ]


def _incidents_from_json(stored: Sequence[Mapping[str, Any]]) -> dict[IncidentKey, KnownIncidents]:
    return {
        incident_key(item["policy"], item["group"]): KnownIncidents(
            tuple(date.fromisoformat(since) for since in item["open"]),
            tuple(
                AcceptedLevel(date.fromisoformat(since), reason, by, date.fromisoformat(on) if on else None)
                for since, reason, by, on in item["accepted"]
            ),
        )
        for item in stored
    }


def _freshness_to_json(source: SourceFreshness) -> dict[str, Any]:
    return {
        "source": source.source,
        "kind": source.kind,
        "delivered_at": source.delivered_at.isoformat() if source.delivered_at else None,
        "complete_through": source.complete_through.isoformat() if source.complete_through else None,
        "up": source.up,
        "error": source.error,
        **({"estimated_from": source.estimated_from.isoformat()} if source.estimated_from else {}),
        **({"late": [[name, moment.isoformat()] for name, moment in source.late]} if source.late else {}),
        **({"on_time_through": source.on_time_through.isoformat()} if source.on_time_through else {}),
    }


def _freshness_from_json(data: Mapping[str, Any]) -> SourceFreshness:
    moments = {
        key: datetime.fromisoformat(data[key]) if data[key] else None for key in ("delivered_at", "complete_through")
    }
    estimated, on_time = data.get("estimated_from"), data.get("on_time_through")
    return SourceFreshness(
        data["source"],
        data["kind"],
        **moments,
        up=data["up"],
        error=data["error"],
        estimated_from=date.fromisoformat(estimated) if estimated else None,
        late=tuple((name, datetime.fromisoformat(moment)) for name, moment in data.get("late", ())),
        on_time_through=datetime.fromisoformat(on_time) if on_time else None,
    )


def _step_to_json(step: Step) -> dict[str, Any]:
    if isinstance(step, FromTags):
        return {"tags": list(step.keys)}
    if isinstance(step, When):
        return {"when": step.condition, "value": step.value}
    return {"else": step.value}


def _step_from_json(data: Mapping[str, Any]) -> Step:
    if "tags" in data:
        return FromTags(tuple(data["tags"]))
    if "when" in data:
        return When(data["when"], data["value"])
    return Else(data["else"])
