"""Readings against alerts, without the bills behind them: what fires, what is ok, what nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import inf

import pytest

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.reading import NEVER, Reading
from finops.evaluate.judgement.threshold import Outcome, judge_readings, measures_of
from finops.model.evaluation import Settings
from finops.model.finding import Severity, State
from finops.model.mass import Mass
from finops.model.money import Money
from finops.model.unit import Unit
from finops.policy.envelope import Envelope, Exemption
from finops.policy.when import Alert

TODAY = date(2026, 3, 10)
DATA = GroupData(
    Moment(datetime(2026, 3, 10, 12, tzinfo=UTC), Settings("EUR")),
    {"team": "checkout"},
    seen=True,
    sources=(),
    silent=(),
    daily={},
    demand={},
)
PACE = Alert("pace", ">", Decimal("1.1"), Severity.WARNING, Unit.SHARE)
HIGH_PACE = replace(PACE, threshold=Decimal("1.5"), severity=Severity.CRITICAL)
SPENT = Alert("spent", ">=", Money(Decimal(500), "EUR"), Severity.CRITICAL, Unit.AMOUNT)
COVERED = Alert("covered", "<", Decimal("0.8"), Severity.INFO, Unit.SHARE)
AGE = Alert("age", ">", timedelta(hours=36), Severity.WARNING, Unit.DURATION)
GRAMS = Alert("mass", "<=", Mass(Decimal(2000)), Severity.INFO, Unit.MASS)
GAP = "aws is late"


def eur(amount: int | str) -> Money:
    return Money(Decimal(amount), "EUR")


def judged(
    readings: dict[Alert, Reading],
    *,
    gap: str | None = None,
    spent: Money | None = None,
    minimum: Money | None = None,
    exemptions: tuple[Exemption, ...] = (),
) -> Outcome:
    envelope = Envelope(None, "EffectiveCost", (), minimum, 1, exemptions, tuple(readings))
    of_measure = {alert.measure: reading for alert, reading in readings.items()}
    return judge_readings(envelope, DATA, of_measure, gap=gap, spent=spent)


def share(of_hundred: int, **changed: object) -> Reading:
    return replace(Reading(amount=eur(of_hundred), base=eur(100)), **changed)  # type: ignore[arg-type]  # any field


def test_the_highest_severity_fires_and_lower_thresholds_of_its_measure_are_left_out() -> None:
    found = judged(
        {
            PACE: (pace := share(160, detail="160 of 100")),
            HIGH_PACE: pace,
            SPENT: Reading(amount=eur(500)),
            COVERED: share(70),
        }
    )
    assert found == Outcome(
        State.FIRING,
        Severity.CRITICAL,
        "pace 160 % > 150 %: 160 of 100; also spent 500.00 EUR >= 500.00 EUR; also covered 70 % < 80 %",
        "pace",
        1.6,
        1.5,
        Unit.SHARE,
    )


@pytest.mark.parametrize(
    ("alert", "reading", "reason", "value", "limit"),
    [
        (PACE, share(110), "pace 110.0 % ≤ 110 %", 1.1, 1.1),
        (SPENT, Reading(amount=eur("499.99"), detail="so far"), "spent 499.99 EUR < 500.00 EUR: so far", 499.99, 500.0),
        (COVERED, share(80), "covered 80.0 % ≥ 80 %", 0.8, 0.8),
        (AGE, Reading(duration=timedelta(hours=36)), "age 36 h ≤ 36 h", 36.0, 36.0),
        (GRAMS, Reading(mass=Mass(Decimal(3000))), "mass 3 kg > 2 kg", 3000.0, 2000.0),
        (
            replace(PACE, threshold=Decimal(1), unit=Unit.NUMBER),
            Reading(number=1.2, low=0.9, high=1.5),
            "pace 1.20 (0.90 to 1.50) not significantly > 1 (certain from about 1.30)",
            1.2,
            1.0,
        ),
        (
            replace(AGE, comparison=">="),
            Reading(duration=timedelta(hours=48), low_duration=timedelta(hours=30), high_duration=NEVER),
            "age 48 h (30 h to ∞) not significantly >= 36 h",
            48.0,
            36.0,
        ),
    ],
)
def test_a_value_on_the_threshold_or_whose_interval_holds_it_is_ok(
    alert: Alert, reading: Reading, reason: str, value: float, limit: float
) -> None:
    found = judged({alert: reading})
    assert found == Outcome(State.OK, None, reason, alert.measure, value, limit, alert.unit)


def test_ok_tells_one_comparison_a_measure_and_a_detail_once() -> None:
    same = "10 days of 31"
    found = judged(
        {PACE: (pace := share(90, detail=same)), HIGH_PACE: pace, SPENT: Reading(amount=eur(90), detail=same)}
    )
    assert found.reason == "pace 90 % ≤ 110 %: 10 days of 31; spent 90.00 EUR < 500.00 EUR"


@pytest.mark.parametrize(
    ("alert", "certain", "state"),
    [
        (PACE, "always", State.FIRING),
        (PACE, "above", State.FIRING),
        (PACE, "below", State.UNKNOWN),
        (replace(COVERED, threshold=Decimal(3)), "below", State.FIRING),
        (replace(COVERED, threshold=Decimal(3)), "above", State.UNKNOWN),
    ],
)
def test_where_rows_are_missing_only_what_they_cannot_undo_fires(alert: Alert, certain: str, state: State) -> None:
    found = judged({alert: share(200, certain=certain)}, gap=GAP)
    assert found.state is state
    assert found.reason.endswith(f"; {GAP}" if state is State.FIRING else GAP)


def test_missing_rows_make_ok_unknown() -> None:
    found = judged({SPENT: Reading(amount=eur(90)), PACE: share(90)}, gap=GAP)
    assert found == Outcome(State.UNKNOWN, None, GAP, "spent", 90.0, 500.0, Unit.AMOUNT)


def test_one_unknown_reading_makes_ok_unknown_and_each_reason_is_told_once() -> None:
    no_rate = Reading(unknown="no rate")
    found = judged({PACE: no_rate, HIGH_PACE: no_rate, SPENT: Reading(amount=eur(90))}, gap=GAP)
    assert found == Outcome(State.UNKNOWN, None, f"{GAP}; no rate", "pace", None, 1.1, Unit.SHARE)
    assert judged({SPENT: Reading(amount=eur(90)), PACE: no_rate}).measure == "pace"


def test_an_unknown_reading_hides_no_other_that_fires() -> None:
    found = judged({PACE: Reading(unknown="no rate"), SPENT: Reading(amount=eur(500))})
    assert (found.state, found.measure) == (State.FIRING, "spent")


def test_what_is_too_early_is_told_as_long_as_another_reading_is_known() -> None:
    early = Reading(unknown="too early for a pace", too_early=True)
    found = judged({PACE: early, HIGH_PACE: early, SPENT: Reading(amount=eur(90))})
    assert found == Outcome(
        State.OK, None, "spent 90.00 EUR < 500.00 EUR; too early for a pace", "spent", 90.0, 500.0, Unit.AMOUNT
    )
    alone = judged({PACE: early})
    assert (alone.state, alone.reason) == (State.UNKNOWN, "too early for a pace")
    both = judged({PACE: early, AGE: Reading(unknown="no demand yet", too_early=True), SPENT: Reading(amount=eur(90))})
    assert both.reason == "spent 90.00 EUR < 500.00 EUR; too early for a pace; no demand yet"
    late = judged({PACE: early, AGE: Reading(unknown="no data"), SPENT: Reading(amount=eur(90))})
    assert (late.state, late.reason) == (State.UNKNOWN, "too early for a pace; no data")


@pytest.mark.parametrize(("spent", "state"), [(eur("49.99"), State.OK), (eur(50), State.FIRING), (None, State.FIRING)])
def test_a_group_below_the_minimum_never_fires(spent: Money | None, state: State) -> None:
    found = judged({PACE: share(160)}, spent=spent, minimum=eur(50))
    assert found.state is state
    assert found.reason == "pace 160 % > 110 %" + ("; below the minimum of 50.00 EUR" if state is State.OK else "")


def test_a_minimum_is_not_told_of_what_is_ok_anyway() -> None:
    assert judged({PACE: share(90)}, spent=eur(1), minimum=eur(50)).reason == "pace 90 % ≤ 110 %"


def test_an_exemption_holds_through_its_last_day() -> None:
    last = Exemption({"team": "checkout"}, "migration", TODAY)
    found = judged({PACE: share(160)}, exemptions=(last,))
    reason = "excepted until 2026-03-10: migration (pace 160 % > 110 %)"
    assert found == Outcome(State.OK, None, reason, "pace", 1.6, 1.1, Unit.SHARE)


def test_an_exemption_that_expired_or_is_of_another_group_lets_it_fire() -> None:
    over = Exemption({"team": "checkout"}, "migration", TODAY - timedelta(days=1))
    older = Exemption({}, "launch", TODAY - timedelta(days=9))
    other = Exemption({"team": "search"}, "test", TODAY)
    found = judged({PACE: share(160)}, exemptions=(over, older, other), gap=GAP)
    assert found.state is State.FIRING
    expired = "the exception 'migration' expired on 2026-03-09; the exception 'launch' expired on 2026-03-01"
    assert found.reason == f"pace 160 % > 110 %; {expired}; {GAP}"


def test_measures_carry_their_intervals_and_leave_out_what_is_beyond_measure() -> None:
    assert measures_of(
        {
            "pace": share(120, low_amount=eur(110), high_amount=eur(130)),
            "spent": Reading(amount=eur(120), high_amount=eur(130)),
            "of_nothing": Reading(amount=eur(120), base=eur(0)),
            "elasticity": Reading(number=1.5, low=1.0, high=inf),
            "age": Reading(duration=timedelta(hours=36), low_duration=timedelta(hours=30), high_duration=NEVER),
            "usage": Reading(number=3.0, low=2.0, high=4.0),
            "delay": Reading(duration=timedelta(hours=2), high_duration=timedelta(hours=4)),
            "mass": Reading(mass=Mass(Decimal(2000))),
            "forecast": Reading(unknown="too early", number=2.0),
        }
    ) == {
        "age": 36.0,
        "age_low": 30.0,
        "delay": 2.0,
        "delay_high": 4.0,
        "elasticity": 1.5,
        "elasticity_low": 1.0,
        "mass": 2000.0,
        "pace": 1.2,
        "pace_high": 1.3,
        "pace_low": 1.1,
        "spent": 120.0,
        "spent_high": 130.0,
        "usage": 3.0,
        "usage_high": 4.0,
        "usage_low": 2.0,
    }
