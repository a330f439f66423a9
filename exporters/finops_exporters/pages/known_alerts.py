"""Who knows of what fires: a verdict stays red, but nobody has to ask whether it was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finops.model.alert import AlertRecord, AlertStatus
from finops.model.silence import Silence
from finops.ports.pages import PageFacts
from finops_exporters import words

Known = Mapping[str, str]
"""Place of a verdict -> ``Acknowledged by anna`` or ``Silenced until 2 Mar 2026, 08:00 UTC``."""


def known_by_place(records: Sequence[AlertRecord], silences: Sequence[Silence]) -> Known:
    """``records``: of live alerts that are acknowledged or silenced."""
    until = {silence.id: silence.until for silence in silences}
    found = {}
    for record in records:
        if record.status is AlertStatus.SILENCED:
            end = until.get(record.silence)
            found[record.finding.anchor] = f"Silenced until {words.minute(end)}" if end else "Silenced"
        elif record.status is AlertStatus.ACKNOWLEDGED and record.acknowledged is not None:
            found[record.finding.anchor] = f"Acknowledged by {words.shown(record.acknowledged.actor)}"
    return found


def known_now(facts: PageFacts) -> Known:
    """``known_by_place`` of what is known now."""
    return known_by_place(facts.known_alerts(), facts.silences())
