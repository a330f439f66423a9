"""The radar: what outgrew its demand, what did not, and what nobody can say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from scipy.stats import t as student

from finops.conditions import parse
from finops.evaluate.radar import scan
from finops.evaluate.radar.scan import ahead_of, discoveries
from finops.evaluate.statistics.student import upper_tail
from finops.model.finding import State
from finops.model.radar import Outcome, Radar
from finops.model.source_freshness import SourceFreshness
from finops.ports.lake import LakeView
from tests.support.lake_view import AS_OF, COLUMNS, CURRENT, FakeView, only, policies, standing
from tests.support.lake_view import settings as settings_of

LAST = date(2026, 3, 17)
"""The last day that is settled at ``AS_OF``."""
DAYS = [LAST - timedelta(days=age) for age in range(400, -3, -1)]
Level = Callable[[int], float]
"""Days before ``LAST`` -> a factor."""
DRAWN = np.random.default_rng(18)


@pytest.fixture(autouse=True)
def _the_same_noise_in_any_order() -> None:
    DRAWN.bit_generator.state = np.random.default_rng(18).bit_generator.state


def noisy(level: Level, *, noise: float = 0.04, scale: float = 100) -> list[float]:
    random = np.random.default_rng(DRAWN.integers(1 << 32))
    return [scale * level((LAST - day).days) * float(np.exp(random.normal(0, noise))) for day in DAYS]


def slow(age: int) -> float:
    """Demand that grows by a tenth in a quarter."""
    return 1.4 - age / 1000


def stepped(age: int) -> float:
    """The same, times 1.6 for the last six weeks."""
    return slow(age) * (1.6 if age < 42 else 1)


def steady(_age: int) -> float:
    return 1.0


def rows(values: Sequence[float], **columns: Any) -> list[dict[str, Any]]:
    described = {"team": "shop", "ServiceName": "Compute", "ChargeCategory": "Usage", "ServiceCategory": "Compute"}
    return [
        {"day": day, "cost": round(value, 6), **described, **columns} for day, value in zip(DAYS, values, strict=True)
    ]


def served(values: Sequence[float], name: str = "orders", **dimensions: str) -> list[Any]:
    return [(name, day, Decimal(round(value * 1000)), dimensions) for day, value in zip(DAYS, values, strict=True)]


ORDERS = served(noisy(slow))


def radar(view: LakeView, *, freshness: Sequence[SourceFreshness] = (CURRENT,), as_of: datetime = AS_OF) -> Radar:
    """With one dimension, so that there are two levels."""
    return scan(
        view,
        as_of=as_of,
        freshness=freshness,
        settings=replace(settings_of(), dimensions=("team",)),
        series=("orders", "tokens"),
        condition=parse("ChargeCategory <> 'Tax'", COLUMNS),
    )


def named(found: Radar, service: str) -> Mapping[str, Any]:
    (one,) = [one for one in found.found if one.group.get("ServiceName") == service]
    return {"outcome": one.outcome, "demand": one.lead.demand, "group": one}


def test_a_step_beyond_demand_is_found_with_its_day_and_its_money() -> None:
    rest = [rows(noisy(slow), ServiceName=f"Service {number}") for number in range(6)]
    found = radar(FakeView([*rows(noisy(stepped)), *(row for one in rest for row in one)], ORDERS))
    first = found.of_level(("team", "ServiceName"))[0]
    assert first.group == {"team": "shop", "ServiceName": "Compute"}
    assert first.outcome is Outcome.BEYOND
    assert first.lead.since is not None
    assert abs((first.lead.since - (LAST - timedelta(days=41))).days) <= 2
    usual = 100 * slow(14) * 0.6 * 365.25 / 12
    assert float(first.lead.per_month) == pytest.approx(usual, rel=0.1)
    assert float(first.ahead) == pytest.approx(float(first.lead.per_month) * 12 / 365.25 * 102, rel=1e-4)
    assert found.ahead_to == date(2026, 6, 30)
    assert [one.group["ServiceName"] for one in found.of_level(("team", "ServiceName"))] == ["Compute"]
    assert next(level.in_step for level in found.levels) == 6


def test_its_policy_is_accepted_and_fires() -> None:
    view = FakeView(rows(noisy(stepped)), ORDERS)
    text = radar(view).of_level(("team", "ServiceName"))[0].policy
    finding = only(policies(text), view)
    assert (finding.state, finding.measure, finding.owner) == (State.FIRING, "excess_growth", "shop")


def test_a_policy_of_any_name_is_accepted() -> None:
    names = ["it's; # - {x}", "ünïcode", "a" * 300, "", "yes", "line\nbreak", "100%"]
    view = FakeView([row for name in names for row in rows(noisy(stepped), ServiceName=name, team=name)], ORDERS)
    found = radar(view).of_level(("team", "ServiceName"))
    read = policies("---\n".join(one.policy for one in found))
    assert len({policy.name for policy in read}) == len(names)
    assert {policy.owner for policy in read} == {name or "finops" for name in names}


@pytest.mark.parametrize(
    ("cost", "demand"),
    [
        pytest.param(slow, slow, id="in step"),
        pytest.param(steady, slow, id="flat cost"),
        pytest.param(lambda age: 1 + age / 1000, slow, id="falling cost"),
        pytest.param(lambda age: slow(age) * (12 if age == 20 else 1), slow, id="one day"),
        pytest.param(lambda age: slow(age) * (1.6 if 30 < age < 60 else 1), slow, id="over by now"),
        pytest.param(lambda age: 1.0 + (age > 42) * 0.1, lambda age: 1 if age > 42 else 0.6, id="falling demand"),
    ],
)
def test_what_is_no_growth_beyond_demand_is_not_found(cost: Level, demand: Level) -> None:
    found = radar(FakeView(rows(noisy(cost)), served(noisy(demand))))
    assert found.found == ()
    assert [level.in_step for level in found.levels] == [1, 1]
    assert found.unjudged == ()


@pytest.mark.parametrize("start", [0, 60, 150, 240])
def test_a_flat_monthly_fee_does_not_grow(start: int) -> None:
    """Its daily rate differs from month to month."""
    last = date(2025, 3, 1) + timedelta(days=start)
    days = [last - timedelta(days=age) for age in range(400, -1, -1)]
    length = {day: ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - day.replace(day=1)).days for day in days}
    fee = [
        {"day": day, "cost": round(3000 / length[day], 6), "team": "shop", "ServiceName": "Colocation"}
        | {"ChargeCategory": "Usage"}
        for day in days
    ]
    moment = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=3)
    found = radar(FakeView(fee), freshness=(standing(through=moment, delivered=moment),), as_of=moment)
    assert (found.found, found.unjudged) == ((), ())


def test_cost_that_follows_no_series_is_named_with_the_series_to_add() -> None:
    found = radar(FakeView(rows(noisy(lambda age: 1.3 if age < 42 else 1.0)), served(noisy(lambda age: 1 + age / 900))))
    one = named(found, "Compute")
    assert one["outcome"] is Outcome.GROWING
    assert one["group"].hint == (
        "Its cost follows none of orders, tokens; tokens has no row for this group. Add them there, or a series of "
        "requests or jobs, under 'demand:'."
    )
    assert one["group"].policy == ""


def test_a_series_that_explains_the_growth_is_named() -> None:
    tokens = served(noisy(stepped), "tokens")
    one = named(radar(FakeView(rows(noisy(stepped)), [*ORDERS, *tokens])), "Compute")
    assert (one["outcome"], one["demand"]) == (Outcome.EXPLAINED, "orders")
    assert one["group"].explained_by.demand == "tokens"


def test_rows_of_a_series_for_others_do_not_count() -> None:
    """Demand of the team itself grew as its cost did; demand of all teams together did not."""
    split = [*served(noisy(stepped), team="shop"), *served(noisy(slow, scale=9000), team="other")]
    assert radar(FakeView(rows(noisy(stepped)), split)).found == ()


def unjudged(found: Radar) -> list[tuple[str, str]]:
    assert found.found == ()
    assert sum(level.in_step or 0 for level in found.levels) == 0
    return [(one.why, one.demand) for one in found.unjudged]


def test_a_young_service_is_not_judged() -> None:
    found = radar(FakeView(rows(noisy(stepped))[-100:], ORDERS))
    assert unjudged(found) == [("too short a history", "")] * 2
    assert found.unjudged_text() == "2 groups or pairs were not judged: 2 too short a history"
    assert found.unjudged[0].cost is not None


def test_bills_that_are_late_are_no_all_clear() -> None:
    late = standing(through=datetime(2026, 3, 10, tzinfo=UTC), delivered=datetime(2026, 3, 12, tzinfo=UTC))
    found = radar(FakeView(rows(noisy(slow))[:-9], ORDERS), freshness=(late,))
    assert unjudged(found) == [("bills are missing", "")] * 2
    assert "aws is late" in found.unjudged[0].detail


def test_demand_that_ends_is_no_all_clear() -> None:
    found = radar(FakeView(rows(noisy(slow)), ORDERS[:-30]))
    assert unjudged(found) == [("days are missing", "orders")] * 2


def test_a_series_that_began_late_is_named() -> None:
    tokens = served(noisy(slow), "tokens")[-90:]
    found = radar(FakeView(rows(noisy(slow)), [*ORDERS, *tokens]))
    assert [(one.why, one.demand) for one in found.unjudged] == [("demand is missing", "tokens")] * 2


def test_a_missing_rate_is_named() -> None:
    assert unjudged(radar(FakeView(rows(noisy(slow), currency="USD"), ORDERS))) == [("amounts are missing", "")] * 2


def test_noise_that_lasts_is_seldom_found() -> None:
    """Fifty services whose cost wanders by a tenth around its demand, for weeks at a time."""
    random, bills = np.random.default_rng(7), []
    for number in range(50):
        off = [0.0]
        for shock in random.normal(0, 0.1 * (1 - 0.9**2) ** 0.5, len(DAYS) - 1):
            off.append(0.9 * off[-1] + float(shock))
        values = [100 * slow((LAST - day).days) * float(np.exp(one)) for day, one in zip(DAYS, off, strict=True)]
        bills += rows(values, ServiceName=f"Service {number}")
    found = radar(FakeView(bills, ORDERS))
    assert len(found.of_level(("team", "ServiceName"))) <= 1


def test_it_is_stored_without_loss() -> None:
    found = radar(FakeView([*rows(noisy(stepped)), *rows(noisy(slow), ServiceName="New")[-50:]], ORDERS))
    assert Radar.from_json(found.to_json()) == found


def test_of_other_groups_nothing_is_left() -> None:
    bills = [*rows(noisy(stepped)), *rows(noisy(stepped), team="other", ServiceName="Secret")]
    own = radar(FakeView(bills, ORDERS)).only(lambda group: group.get("team") == "shop", "team")
    assert {one.group["team"] for one in own.found} == {"shop"}
    assert "Secret" not in str(own.to_json())
    assert [(level.groups, level.pairs, level.in_step, level.cost) for level in own.levels] == [(None,) * 4] * 2


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.sampled_from([0.05, 0.1, 0.3]))
@settings(max_examples=40)
def test_discoveries_are_those_of_benjamini_and_hochberg(chances: list[float], rate: float) -> None:
    limit = discoveries(chances, rate)
    adjusted = false_discovery_control(chances)
    for chance, one in zip(chances, adjusted, strict=True):
        if abs(one - rate) > 1e-9:
            assert (chance <= limit) == (one <= rate)


@given(st.floats(-60, 60), st.integers(1, 60))
@settings(max_examples=60)
def test_the_upper_tail_is_that_of_student(t: float, freedom: int) -> None:
    assert upper_tail(t, freedom) == pytest.approx(float(student.sf(t, freedom)), abs=1e-9)


@pytest.mark.parametrize(
    ("today", "starts", "expected"),
    [
        (date(2026, 11, 30), 1, date(2027, 6, 30)),
        (date(2026, 3, 20), 1, date(2026, 6, 30)),
        (date(2026, 4, 30), 4, date(2026, 9, 30)),
        (date(2026, 7, 20), 4, date(2027, 3, 31)),
    ],
)
def test_it_looks_ahead_to_the_end_of_a_half_of_the_fiscal_year(today: date, starts: int, expected: date) -> None:
    assert ahead_of(today, starts) == expected
