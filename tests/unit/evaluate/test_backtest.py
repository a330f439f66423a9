"""Many days judged from one reading say what single evaluations say; episodes follow the rules of alerts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from finops.evaluate.backtest import DayVerdict, GroupDays, judge_days
from finops.evaluate.judgement.moment import Moment
from finops.model.finding import Severity, State
from finops.model.verdict_day import Episode
from tests.support.lake_view import FakeView, budget, demand, policies, run, settings, standing

POLICIES = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: by-team, owner: o}
spec:
  group_by: [team]
  period: month
  amount: 100 EUR
  alerts: [{when: spent > 90%, severity: warning}, {when: pace > 110%, severity: critical}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: by-resource, owner: o}
spec:
  scope: ResourceId = 'r-1'
  period: quarter
  amount: 300 EUR
  alerts: [{when: spent > 90%, severity: warning}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: per-order, owner: o}
spec:
  scope: team = 'a'
  period: week
  amount: {per: orders, amount: 1 EUR}
  alerts: [{when: spent > 100%, severity: warning}]
---
apiVersion: finops/v1
kind: Allocation
metadata: {name: owned, owner: o}
spec:
  dimension: team
  alerts: [{when: allocated < 90%, severity: warning}]
---
apiVersion: finops/v1
kind: Freshness
metadata: {name: fresh, owner: o}
spec:
  group_by: [source]
  minimum: 1 EUR
  alerts: [{when: age > 30h, severity: warning}]
"""

FIRST = date(2026, 1, 20)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.integers(-400, 40).map(lambda offset: FIRST + timedelta(days=offset)),
            "cost": st.integers(-5, 60),
            "team": st.sampled_from(["a", "b", None]),
            "source": st.sampled_from(["aws", "azure"]),
            "ResourceId": st.sampled_from(["r-1", None]),
        }
    ),
    max_size=30,
)


@limits(max_examples=8, deadline=None)
@given(ROWS)
def test_a_year_in_one_reading_is_a_year_of_evaluations(rows: list[dict[str, object]]) -> None:
    asked = policies(POLICIES)
    view = FakeView(rows, demand("orders", FIRST - timedelta(days=20), FIRST + timedelta(days=20), 3))
    through = datetime(2026, 3, 1, tzinfo=UTC)
    freshness = [standing(name, through=through, delivered=through) for name in ("aws", "azure")]
    ends = [datetime(2026, 1, 20, 23, 59, 59, tzinfo=UTC) + timedelta(days=i) for i in (0, 1, 11, 12, 30)]

    judged = judge_days(asked, view, [(Moment(end, settings()), freshness) for end in ends], then=True)

    for end, day in zip(ends, judged, strict=True):
        found = [(name, dict(group), v.state, v.severity, v.reason, v.value) for name, group, v in day]
        alone = run(asked, view, as_of=end, freshness=freshness).findings
        assert found == [(f.policy, dict(f.group), f.state, f.severity, f.reason, f.value) for f in alone]


def test_final_data_does_not_say_how_old_it_was() -> None:
    view = FakeView([{"day": FIRST, "cost": Decimal(5)}])
    moment = Moment(datetime(2026, 1, 21, tzinfo=UTC), settings())
    (day,) = judge_days(policies(POLICIES), view, [(moment, [standing(through=moment.as_of)])], then=False)
    assert {verdict.state for name, _, verdict in day if name == "fresh"} == {State.UNKNOWN}


def days(word: str) -> tuple[DayVerdict, ...]:
    """``.`` ok, ``?`` unknown, ``w`` and ``c`` firing."""
    severities = {"w": Severity.WARNING, "c": Severity.CRITICAL}
    states = {".": State.OK, "?": State.UNKNOWN}
    return tuple(
        DayVerdict(date(2026, 3, place), states.get(letter, State.FIRING), severities.get(letter), letter, None, True)
        for place, letter in enumerate(word, start=1)
    )


def episodes(word: str, *, for_: int = 1) -> list[Episode]:
    lines = ["period: month", "amount: 1 EUR", f"for: {for_}", "alerts: [{when: spent > 1%, severity: warning}]"]
    (policy,) = budget("\n".join(lines))
    return list(GroupDays(policy, {}, days(word)).episodes)


def march(day: int) -> date:
    return date(2026, 3, day)


def test_an_alert_lasts_from_its_first_firing_day_to_the_next_ok() -> None:
    assert episodes(".ww?c.w") == [
        Episode(march(2), march(6), Severity.CRITICAL, 3, "w"),
        Episode(march(7), None, Severity.WARNING, 1, "w"),
    ]


def test_unknown_starts_nothing_and_ends_nothing() -> None:
    assert episodes("?.??") == []
    assert episodes("w???") == [Episode(march(1), None, Severity.WARNING, 1, "w")]


def test_for_counts_firing_days_that_no_ok_parts() -> None:
    assert episodes("ww.w?ww.", for_=3) == [Episode(march(7), march(8), Severity.WARNING, 3, "w")]
