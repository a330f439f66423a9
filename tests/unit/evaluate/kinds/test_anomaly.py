"""Anomalies: a day against its own past, what stays quiet, and what cannot be said."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from finops.evaluate.explain import explain
from finops.model.evaluation import Evaluation
from finops.model.finding import Finding, Severity, State
from finops.model.incident import NO_INCIDENTS, AcceptedLevel, KnownIncidents, incident_key
from finops.publish.policy_families import policy_families
from tests.support.lake_view import (
    AS_OF,
    CURRENT,
    FakeView,
    days,
    findings,
    only,
    policy,
    run,
    settings,
    standing,
)
from tests.support.profiles import PROFILES

SPEC = """
alerts:
  - {when: score > 4, severity: warning}
  - {when: excess > 500 EUR, severity: critical}
"""
SETTLED = date(2026, 3, 17)


def past(
    level: float = 400, *, noise: float = 0.05, first: date = date(2025, 11, 1), seed: int = 1
) -> dict[date, float]:
    chance = random.Random(seed)
    span = (date(2026, 3, 19) - first).days + 1
    every = (first + timedelta(days=at) for at in range(span))
    return {day: level * (1 if day.weekday() < 5 else 0.6) * chance.gauss(1, noise) for day in every}


def view(amounts: dict[date, float], **columns: Any) -> FakeView:
    return FakeView([{"day": day, "cost": round(Decimal(amount), 2), **columns} for day, amount in amounts.items()])


def judged(amounts: dict[date, float], spec: str = SPEC, **arguments: Any) -> Finding:
    return only(policy("Anomaly", spec, name="a"), view(amounts), **arguments)


def with_day(amounts: dict[date, float], day: date, factor: float) -> dict[date, float]:
    return {**amounts, day: amounts[day] * factor}


def test_a_day_like_its_past_is_ok_and_a_spike_fires_with_day_amount_and_range() -> None:
    assert judged(past()).state is State.OK

    finding = judged(with_day(past(), SETTLED, 2))
    assert (finding.state, finding.severity, finding.measure) == (State.FIRING, Severity.WARNING, "score")
    assert "EUR on 2026-03-17, " in finding.reason
    assert "expected" in finding.reason
    amounts = {name: float(money.amount) for name, money in finding.amount.items()}
    assert amounts["expected_low"] < amounts["expected"] < amounts["expected_high"] < amounts["cost"]
    assert amounts["excess"] == pytest.approx(amounts["cost"] - amounts["expected_high"])
    assert finding.value == pytest.approx(finding.measures["score"])


def test_the_last_three_settled_days_are_judged_so_that_a_weekend_hides_nothing() -> None:
    for ago, state in ((0, State.FIRING), (2, State.FIRING), (3, State.OK)):
        assert judged(with_day(past(), SETTLED - timedelta(days=ago), 3)).state is state
    one = SPEC + "window: 1d"
    assert judged(with_day(past(), SETTLED - timedelta(days=1), 3), one).state is State.OK


def test_a_provisional_day_is_not_judged() -> None:
    assert judged(with_day(past(), SETTLED + timedelta(days=1), 5)).state is State.OK


def test_a_weekend_as_dear_as_a_weekday_is_unusual() -> None:
    saturday = date(2026, 3, 14)
    as_of = datetime(2026, 3, 17, 6, tzinfo=UTC)
    current = standing(through=datetime(2026, 3, 17, tzinfo=UTC), delivered=as_of)
    amounts = with_day(past(), saturday, 1 / 0.6)

    assert judged(amounts, as_of=as_of, freshness=[current]).state is State.FIRING


def test_a_month_end_that_always_costs_more_stays_quiet() -> None:
    amounts = {
        day: amount * (1.8 if (day + timedelta(days=2)).month != day.month else 1)
        for day, amount in past(first=date(2025, 9, 1)).items()
        if day < date(2026, 3, 2)
    }
    as_of = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
    current = standing(through=datetime(2026, 3, 2, tzinfo=UTC), delivered=as_of)

    assert judged(amounts, as_of=as_of, freshness=[current]).state is State.OK
    last = date(2026, 2, 28)
    assert judged(with_day(amounts, last, 2), as_of=as_of, freshness=[current]).state is State.FIRING


def shifted(ago: int, *, until: int = -1, factor: float = 2) -> dict[date, float]:
    first, last = SETTLED - timedelta(days=ago), SETTLED - timedelta(days=until + 1)
    return {day: amount * (factor if first <= day <= last else 1) for day, amount in past().items()}


@pytest.mark.parametrize("ago", [0, 1, 2, 5, 10, 20, 40])
def test_a_new_level_stays_open_until_it_is_the_level_that_the_group_has(ago: int) -> None:
    finding = judged(shifted(ago))

    assert finding.state is State.FIRING
    assert ("new level since" in finding.reason) == (ago >= 2)
    if ago >= 2:
        assert f"new level since {SETTLED - timedelta(days=ago)}" in finding.reason
    assert judged(shifted(50)).state is State.OK


@pytest.mark.parametrize("ago", [9, 15, 30])
def test_an_incident_ends_when_the_cost_returns_and_teaches_nothing(ago: int) -> None:
    quiet = judged(past())
    returned = judged(shifted(ago, until=2))

    assert judged(shifted(ago, until=1)).state is State.FIRING, "its last day is in the window"
    assert returned.state is State.OK
    assert float(returned.amount["expected"].amount) == pytest.approx(float(quiet.amount["expected"].amount), rel=0.1)


ANY = "alerts: [{when: excess > 1 EUR, severity: info}, {when: excess < -1 EUR, severity: info}]"


def bursty(days: int, factor: float, *, until: int = -1, every: int = 0) -> dict[date, float]:
    """Some days cost up to four times as much; the last ``days`` cost ``factor`` times as much, those before ``until``
    days ago; ``every`` so many days, three in a row cost as much."""
    chance = random.Random(7)
    amounts = {}
    for day, amount in past(first=date(2025, 7, 1)).items():
        ago = (SETTLED - day).days
        burst = 1 + (chance.random() < 0.05) * chance.uniform(0.5, 3)
        rows = factor if every and ago > days and ago % every < 3 else 1.0
        amounts[day] = amount * (
            factor if until < ago < days else rows if ago >= 0 and every else burst if ago > days else 1
        )
    return amounts


@pytest.mark.parametrize("days", [3, 4, 9, 20])
def test_days_in_a_row_are_unusual_together_where_none_of_them_is_alone(days: int) -> None:
    for few in (1, 2):
        assert judged(bursty(few, 2.6), ANY).state is State.OK
    finding = judged(bursty(days, 2.6), ANY)

    assert finding.state is State.FIRING
    since = SETTLED - timedelta(days=days - 1)
    assert f"; {days} days in a row above what is usual since {since}: together " in finding.reason
    amounts = {name: float(money.amount) for name, money in finding.amount.items()}
    assert amounts["excess"] == pytest.approx(amounts["cost"] - amounts["expected_high"], abs=0.02)
    assert judged(bursty(days, 2.6, until=2), ANY).state is State.OK


def test_rows_of_days_that_a_group_often_has_are_not_unusual() -> None:
    assert judged(bursty(3, 2.6, every=17), ANY).state is State.OK


def test_a_level_that_was_accepted_is_the_expected_one() -> None:
    accepted = SPEC + f"accepted: [{{since: {SETTLED - timedelta(days=10)}, reason: a larger database}}]"
    other = SPEC + f"accepted: [{{since: {SETTLED - timedelta(days=30)}, reason: another one}}]"

    assert judged(shifted(10), accepted).state is State.OK
    assert judged(with_day(shifted(10), SETTLED, 2), accepted).state is State.FIRING
    assert judged(shifted(10), other).state is State.FIRING
    just_now = SPEC + f"accepted: [{{since: {SETTLED - timedelta(days=1)}, reason: a larger database}}]"
    finding = judged(shifted(1), just_now)
    assert finding.state is State.OK
    assert "accepted since 2026-03-16: a larger database" in finding.reason


def knowing(amounts: dict[date, float], known: KnownIncidents) -> Evaluation:
    under = replace(settings(), incidents={incident_key("a", {}): known})
    return run(policy("Anomaly", SPEC, name="a"), view(amounts), under=under)


def test_an_incident_that_the_state_knows_stays_open_for_as_long_as_its_cost_does() -> None:
    long = past(first=date(2025, 3, 1))
    since = SETTLED - timedelta(days=120)
    lasting = {day: amount * (2 if since <= day <= SETTLED else 1) for day, amount in long.items()}
    assert judged(lasting).state is State.OK, "its own history has learnt it"

    found = knowing(lasting, KnownIncidents(open=(since,)))

    (finding,), (sighting,) = found.findings, found.sightings.values()
    assert finding.state is State.FIRING
    assert f"new level since {since}" in finding.reason
    (incident,) = sighting.incidents
    assert (incident.since, incident.until) == (since, None)
    assert {since, SETTLED} <= incident.days.keys()

    back = {day: long[day] if day > SETTLED - timedelta(days=5) else amount for day, amount in lasting.items()}
    found = knowing(back, KnownIncidents(open=(since,)))
    assert found.findings[0].state is State.OK
    (incident,) = next(iter(found.sightings.values())).incidents
    assert (incident.since, incident.until) == (since, SETTLED - timedelta(days=4))

    restated = knowing(long, KnownIncidents(open=(since,)))
    assert restated.findings[0].state is State.OK
    assert next(iter(restated.sightings.values())).incidents == ()


def test_a_level_that_somebody_accepted_is_the_expected_one() -> None:
    since = SETTLED - timedelta(days=10)
    level = AcceptedLevel(since, "a larger database", "ada")
    assert knowing(shifted(10), KnownIncidents(accepted=(level,))).findings[0].state is State.OK
    just_now = replace(level, since=SETTLED)
    finding = knowing(shifted(0), KnownIncidents(accepted=(just_now,))).findings[0]
    assert finding.state is State.OK
    assert "accepted by ada since 2026-03-17: a larger database" in finding.reason


def test_what_was_seen_when_a_level_was_accepted_begins_no_other_incident() -> None:
    since = SETTLED - timedelta(days=30)
    rising = {day: amount * 1.04 ** max(0, (day - since).days) for day, amount in past().items()}
    level = AcceptedLevel(since, "it grows", "ada", SETTLED)
    found = knowing(rising, KnownIncidents(accepted=(level,)))
    assert (found.findings[0].state, found.sightings) == (State.OK, {})


def test_incidents_are_told_with_what_their_days_cost_and_were_expected_to() -> None:
    (sighting,) = knowing(with_day(past(), SETTLED - timedelta(days=1), 3), NO_INCIDENTS).sightings.values()
    (incident,) = sighting.incidents
    assert (incident.since, incident.until) == (SETTLED - timedelta(days=1), SETTLED)
    (day,) = incident.days.values()
    assert day.excess == pytest.approx(Decimal(past()[SETTLED - timedelta(days=1)] * 2), rel=Decimal("0.2"))
    assert knowing(past(), NO_INCIDENTS).sightings == {}


def beside(new: int, cost: float, *, first: date = date(2025, 11, 1)) -> FakeView:
    """A service that is ``new`` days old on the last settled day beside one that has been there for long."""
    old = [{"day": day, "cost": round(Decimal(amount), 2), "team": "old"} for day, amount in past(first=first).items()]
    return FakeView([*old, *days(SETTLED - timedelta(days=new), date(2026, 3, 19), cost, team="new")])


@pytest.mark.parametrize("new", [0, 1, 5, 20])
def test_a_new_group_is_held_against_what_all_groups_cost(new: int) -> None:
    spec = SPEC + "group_by: [team]"
    found = {one.group["team"]: one for one in findings(policy("Anomaly", spec, name="a"), beside(new, 5000))}

    assert found["old"].state is State.OK
    assert (found["new"].state, found["new"].severity) == (State.FIRING, Severity.CRITICAL)
    assert f"nothing expected: new since {SETTLED - timedelta(days=new)}" in found["new"].reason
    small = {one.group["team"]: one for one in findings(policy("Anomaly", spec, name="a"), beside(new, 1))}
    assert small["new"].state is State.OK


def test_where_everything_is_new_nothing_stands_out() -> None:
    found = findings(policy("Anomaly", SPEC + "group_by: [team]", name="a"), beside(5, 5000, first=date(2026, 3, 1)))

    assert {one.state for one in found} == {State.UNKNOWN}
    assert any("21 are needed" in one.reason for one in found)


ABSENT = "alerts: [{when: absent > 2d, severity: warning}]"
DRIFT = "alerts: [{when: drift > 20%, severity: warning}, {when: drift < -20%, severity: warning}]"


def test_a_service_that_disappears_is_absent_and_one_that_rests_is_not() -> None:
    gone = {day: amount for day, amount in past().items() if day <= SETTLED - timedelta(days=4)}
    finding = only(policy("Anomaly", ABSENT, name="a"), view(gone))

    assert finding.state is State.FIRING
    assert "no cost since 2026-03-14, " in finding.reason
    assert finding.measures["absent"] == 96
    assert judged(past(), ABSENT).state is State.OK
    rests = {day: amount for day, amount in past().items() if day.day in (2, 3, 13)}
    assert judged(rests, ABSENT).state is State.OK, "four days without cost are usual"


@pytest.mark.parametrize("factor", [1.02, 0.98])
def test_a_slow_ramp_is_a_drift_and_steady_growth_is_none(factor: float) -> None:
    start = SETTLED - timedelta(days=24)
    ramp = {day: amount * factor ** max(0, (day - start).days) for day, amount in past().items()}
    grown = {day: amount * 1.0012 ** (day - date(2025, 11, 1)).days for day, amount in past().items()}
    finding = judged(ramp, DRIFT)

    assert finding.state is State.FIRING
    assert (finding.measures["drift"] > 0) == (factor > 1)
    assert judged(past(), DRIFT).state is State.OK
    assert judged(grown, DRIFT).state is State.OK
    asked = policy("Anomaly", DRIFT, name="a")
    assert explain(finding, asked[0], view(ramp), freshness=[CURRENT], settings=settings()).reproduced


def test_a_history_of_few_weeks_has_no_drift_yet() -> None:
    finding = judged(past(first=date(2026, 2, 1)), SPEC + "  - {when: drift > 20%, severity: info}")

    assert finding.state is State.OK
    assert "no drift: 84 days of history are needed" in finding.reason


@pytest.mark.parametrize("ago", [4, 20])
def test_an_open_incident_and_a_new_group_are_reproduced_by_explain(ago: int) -> None:
    asked, seen = policy("Anomaly", SPEC + "group_by: [team]", name="a"), beside(5, 5000)
    stepped = FakeView(
        [{"day": day, "cost": round(Decimal(cost), 2), "team": "x"} for day, cost in shifted(ago).items()]
    )
    for view_ in (seen, stepped):
        for finding in findings(asked, view_):
            explained = explain(finding, asked[0], view_, freshness=[CURRENT], settings=settings())
            assert explained.reproduced, explained.lines[-1]


def test_an_exception_keeps_a_planned_step_quiet() -> None:
    spec = SPEC + "group_by: [team]\nexceptions: [{group: {team: a}, reason: load test, expires: 2026-03-31}]"
    finding = only(policy("Anomaly", spec, name="a"), view(with_day(past(), SETTLED, 3), team="a"))

    assert finding.state is State.OK
    assert "excepted until 2026-03-31: load test" in finding.reason


def test_a_group_below_the_minimum_never_fires() -> None:
    amounts = with_day(past(4), SETTLED, 9)
    assert judged(amounts).state is State.FIRING
    assert judged(amounts, SPEC + "minimum: 200 EUR").state is State.OK


def test_a_fall_is_found_by_a_downward_alert() -> None:
    spec = "alerts: [{when: score < -4, severity: warning}]"
    fallen = judged(with_day(past(), SETTLED, 0.2), spec)

    assert fallen.state is State.FIRING
    assert fallen.measures["excess"] < 0
    assert judged(with_day(past(), SETTLED, 3), spec).state is State.OK


def test_a_short_history_is_unknown() -> None:
    finding = judged(past(first=date(2026, 3, 1)))

    assert finding.state is State.UNKNOWN
    assert finding.reason == "no score: 16 days of history before 2026-03-17, 21 are needed"


def test_missing_days_are_no_fall_and_a_judged_one_that_is_missing_is_unknown() -> None:
    gaps = {day: amount for day, amount in past().items() if day.day not in (9, 23)}
    assert judged(gaps, "alerts: [{when: score < -4, severity: warning}]").state is State.OK

    without = {day: amount for day, amount in past().items() if day != SETTLED}
    finding = judged(without, SPEC + "window: 1d")
    assert (finding.state, finding.reason) == (
        State.UNKNOWN,
        "no score: no row on 2026-03-17, where every day had one",
    )


def test_credits_that_bring_a_day_below_zero_are_no_fault() -> None:
    amounts = {day: amount * 0.1 - 20 for day, amount in past(noise=0.2).items()}
    assert judged(amounts).state is State.OK
    assert judged({**amounts, SETTLED: 400.0}).state is State.FIRING


def test_a_bill_that_never_moved_forgives_a_cent() -> None:
    even = dict.fromkeys(past(), 100.0)
    assert judged({**even, SETTLED: 100.01}).state is State.OK
    assert judged({**even, SETTLED: 120.0}).state is State.FIRING


def test_the_track_has_the_expected_range_and_the_metric_its_score() -> None:
    asked = policy("Anomaly", SPEC, name="a")
    done = run(asked, view(with_day(past(), SETTLED, 2)))
    (track,) = done.tracks

    assert len(track.lines["expected"]) == track.period.days == len(track.days)
    assert all(value is not None for value in track.lines["expected_high"])
    assert float(track.spent[-1]) > float(track.lines["expected_high"][-1] or 0)
    (family,) = (one for one in policy_families(done.findings, PROFILES) if one.name == "finops_anomaly_score")
    assert family.samples[0].value == done.findings[0].measures["score"]


def test_explain_shows_the_arithmetic_and_reproduces() -> None:
    asked, seen = policy("Anomaly", SPEC, name="a"), view(with_day(past(), SETTLED, 2))
    finding = only(asked, seen)
    lines = explain(finding, asked[0], seen, freshness=[CURRENT], settings=settings()).lines

    assert sum(line.startswith("  score = (") for line in lines) == 3
    assert lines[-1] == f"reproduced: the same as finding {finding.id}"


def test_the_worked_example_of_the_page_is_true() -> None:
    page = (Path(__file__).parents[4] / "docs" / "policies" / "anomaly.md").read_text(encoding="utf-8")
    table = page.split("```csv\n")[1].split("```")[0]
    names, *lines = [line.split(",") for line in table.strip().splitlines()]
    rows: list[dict[str, Any]] = []
    for line in lines:
        values = dict(zip(names, line, strict=True))
        first, last = (date.fromisoformat(day) for day in values.pop("day").split(".."))
        rows += days(first, last, values.pop("EffectiveCost"), **values)
    spec = page.split("spec:\n")[1].split("```")[0]
    (finding,) = findings(
        policy("Anomaly", "\n".join(line[2:] for line in spec.splitlines()), name="a"), FakeView(rows)
    )

    assert f"> {finding.reason}\n" in page
    assert finding.state is State.FIRING


@hypothesis_settings(max_examples=12, deadline=None)
@given(factor=st.floats(1, 3), cut=st.integers(0, 150), seed=st.integers(0, 99))
def test_missing_data_never_makes_a_firing_day_ok_in_silence(factor: float, cut: int, seed: int) -> None:
    """The source stops, or the history is lost: what fired stays so, or is unknown with a reason."""
    amounts = with_day(past(seed=seed), SETTLED, factor)
    whole = judged(amounts)
    end = SETTLED - timedelta(days=cut)
    lost = judged({day: amount for day, amount in amounts.items() if day >= end})
    stopped = standing(through=datetime(end.year, end.month, end.day, tzinfo=UTC), delivered=AS_OF)
    torn = judged({day: amount for day, amount in amounts.items() if day < end}, freshness=[stopped])

    if whole.state is State.FIRING and lost.state is State.OK:
        # fewer days let less be sure: the range is wider, and the finding says it
        assert lost.amount["expected_high"].amount > whole.amount["expected_high"].amount
    if whole.state is State.FIRING and torn.state is State.OK:
        assert cut == 0, "a late source takes ok away"
    for less in (lost, torn):
        if less.state is State.UNKNOWN:
            assert less.reason
