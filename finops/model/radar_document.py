"""The radar as JSON, for the API and the command line. Amounts are texts, growth and shares are numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finops.model.money import plain
from finops.model.radar import Radar, RadarGroup, RadarPair


def radar_document(radar: Radar) -> dict[str, Any]:
    return {
        "as_of": radar.as_of.isoformat(),
        "currency": radar.currency,
        "window": {"from": radar.window.start.isoformat(), "to": radar.window.end.isoformat()},
        "ahead_to": radar.ahead_to.isoformat(),
        "series": list(radar.series),
        "levels": [
            {
                "columns": list(level.columns),
                "groups": level.groups,
                "pairs": level.pairs,
                "in_step": level.in_step,
                "cost_per_month": plain(level.cost, radar.currency) if level.cost is not None else None,
            }
            for level in radar.levels
        ],
        "found": [_group(one, radar.currency) for one in radar.found],
        "not_judged": [
            {
                "group": dict(one.group),
                "demand": one.demand or None,
                "why": one.why,
                "detail": one.detail,
                "cost_per_month": plain(one.cost, radar.currency) if one.cost is not None else None,
            }
            for one in radar.unjudged
        ],
    }


def _group(one: RadarGroup, currency: str) -> Mapping[str, Any]:
    lead, explained = one.lead, one.explained_by
    return {
        "id": one.id,
        "group": dict(one.group),
        "outcome": one.outcome.value,
        "demand": lead.demand or None,
        "explained_by": explained.demand if explained else None,
        "cost_per_month": plain(one.cost, currency),
        "beyond_demand_per_month": plain(lead.per_month, currency),
        "ahead": plain(one.ahead, currency),
        "since": lead.since.isoformat() if lead.since else None,
        "settled_through": one.settled_through.isoformat(),
        "pairs": [_pair(pair, currency) for pair in one.pairs],
        "drivers": [
            {"by": driver.by, "value": driver.value, "name": driver.name, "change": plain(driver.change, currency)}
            for driver in one.drivers
        ],
        "hint": one.hint,
        "policy": one.policy,
    }


def _pair(pair: RadarPair, currency: str) -> Mapping[str, Any]:
    return {
        "demand": pair.demand or None,
        "cost_growth": pair.cost_growth,
        "demand_growth": pair.demand_growth if pair.demand else None,
        "excess_growth": pair.excess,
        "excess_low": pair.low,
        "excess_high": pair.high,
        "p_value": pair.p,
        "beyond_demand": pair.found,
        "relation": pair.relation if pair.demand else None,
        "beyond_demand_per_month": plain(pair.per_month, currency),
    }
