"""The life of incidents under any order of evaluations, restatements and acceptances."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.alert.incidents import incidents_after, level_accepted
from finops.model.evaluation import Evaluation
from finops.model.finding import State
from finops.model.incident import Incident, IncidentDay, IncidentEnd, SightedIncident, Sighting, incident_key
from tests.support.verdicts import HOUR, T0, evaluation, verdict

FIRST = date(2026, 3, 1)
DAY = timedelta(days=1)
POLICY = "checkout-monthly"
KEY = incident_key(POLICY, {})


def sighted(start: int, length: int, *, over: bool) -> SightedIncident:
    since = FIRST + start * DAY
    days = {since + at * DAY: IncidentDay(Decimal(200 + at), Decimal(100)) for at in range(length)}
    return SightedIncident(since, since + length * DAY if over else None, days)


SEEN = st.lists(st.builds(sighted, st.integers(0, 6), st.integers(1, 4), over=st.booleans()), max_size=1)
STEPS = st.lists(
    st.one_of(st.builds(lambda seen: Sighting("EUR", tuple(seen)), SEEN), st.sampled_from(["unknown", "accept"])),
    min_size=1,
    max_size=8,
)


def made(said: Sighting | str, at: int) -> Evaluation:
    state = State.UNKNOWN if said == "unknown" else State.OK
    found = evaluation([verdict(state)], as_of=T0 + at * HOUR)
    return replace(found, sightings={KEY: said} if isinstance(said, Sighting) else {})


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_what_was_accepted_stays_so_nothing_vanishes_and_an_evaluation_counts_once(steps: list[Sighting | str]) -> None:
    known: dict[str, Incident] = {}
    for at, said in enumerate(steps):
        before, now = dict(known), T0 + at * HOUR
        if said == "accept":
            known |= {
                key: level_accepted(one, actor="ada", reason="", now=now) for key, one in known.items() if one.is_open
            }
            continue
        found = made(said, at)
        changed = incidents_after(found, list(known.values()), policies={POLICY}, now=now)
        known |= {one.id: one for one in changed}
        again = incidents_after(found, list(known.values()), policies={POLICY}, now=now)

        assert again == ()
        assert before.keys() <= known.keys()
        for key, one in before.items():
            if one.end is IncidentEnd.ACCEPTED or said == "unknown":
                assert known[key] == one
        still_open = [one for one in known.values() if one.is_open]
        assert len(still_open) <= 1
        for one in known.values():
            assert one.excess.amount == sum(day.cost - day.expected for day in one.days.values())
            assert (one.ended_at is None) == one.is_open
            assert all(one.since <= day and (one.until is None or day < one.until) for day in one.days)
