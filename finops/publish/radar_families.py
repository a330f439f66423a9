"""The radar -> metric families."""

from __future__ import annotations

from collections import Counter

from finops.model.family import Family
from finops.model.finding import group_label
from finops.model.radar import Outcome, Radar
from finops.publish.catalogue import RADAR_BEYOND, RADAR_GROUPS, RADAR_NOT_JUDGED, RADAR_TIMESTAMP

MOST = 20


def radar_families(radar: Radar) -> tuple[Family, ...]:
    """Of the first level, whose groups do not overlap."""
    level = radar.levels[0]
    found = radar.of_level(level.columns)
    counted = Counter(one.outcome for one in found)
    beyond = [one for one in found if one.outcome is Outcome.BEYOND][:MOST]
    return (
        RADAR_BEYOND.filled(
            ((group_label(one.group), one.lead.demand, radar.currency), float(one.lead.per_month)) for one in beyond
        ),
        RADAR_GROUPS.filled(
            [*(((outcome.value,), counted[outcome]) for outcome in Outcome), (("in_step",), level.in_step or 0)]
        ),
        RADAR_NOT_JUDGED.filled([((), len(radar.unjudged))]),
        RADAR_TIMESTAMP.filled([((), radar.as_of.timestamp())]),
    )
