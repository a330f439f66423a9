"""The page of a policy and group."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest

from finops.model.evaluation import Track
from finops.model.finding import Change, Driver, Severity, State
from finops.model.money import Money
from finops.model.period import Period
from finops.model.policy import WrittenPolicy
from finops.model.snapshot import Snapshot
from finops.model.verdict_day import verdict_days
from finops.ports.pages import TestOutcome
from tests.support.profiles import PROFILES
from tests.support.snapshots import AS_OF, SETTINGS, budget, evaluation, snapshot
from tests.unit.exporters.pages_read import PAGES, StillFacts, answer, html, of, read, text

CHANGE = Change(
    before=Period(date(2025, 12, 1), date(2026, 2, 18)),
    after=Period(date(2026, 3, 1), date(2026, 3, 18)),
    before_amount=Decimal(8000),
    after_amount=Decimal(9200),
    volume=Decimal(900),
    price=Decimal(250),
    mix=Decimal("50.001"),
    other=Decimal("-0.001"),
    before_days=51,
    after_days=17,
    explained=Decimal(600),
)
DRIVERS = (
    Driver("ServiceName", "Amazon RDS", Decimal(1000), volume=Decimal(900), price=Decimal(100)),
    Driver("SubAccountId", "0042", Decimal(-10), name="payments"),
    Driver("ResourceId", "<script>alert(1)</script>" + "x" * 500, Decimal(3)),
)
FIRING = replace(
    budget("a", state=State.FIRING, severity=Severity.WARNING, measure="pace", line=1.1),
    change=CHANGE,
    drivers=DRIVERS,
    demand="orders",
)
WINDOW = Period(date(2026, 1, 1), date(2026, 3, 18))
GROWTH = replace(
    FIRING,
    policy="growth",
    kind="Growth",
    period=WINDOW,
    measure="elasticity",
    value=3.2,
    limit=1.2,
    measures={"elasticity": 3.2, "elasticity_low": 1.9, "elasticity_high": 4.8, "cost_growth": 0.31},
)


def grown() -> Snapshot:
    """A cost that doubles while demand stays."""
    days = tuple(WINDOW)
    track = Track(
        GROWTH.policy,
        "",
        WINDOW,
        "EUR",
        days,
        tuple(Decimal(100 + 2 * at) for at in range(len(days))),
        settled_through=days[-1],
        lines={"demand": (Decimal(1000),) * len(days), "unit_cost": (Decimal("0.1"),) * len(days)},
    )
    return replace(snapshot(evaluation((GROWTH,), tracks=False)), tracks=(track,))


def test_a_budget_tells_what_it_owes_its_reader() -> None:
    page = read(snapshot(), "/policies/checkout-monthly?group=environment%3Dprod").replace("\u00a0", " ")
    for wanted in (
        "checkout-monthly environment prod Warning",
        "Spent 9,500.00 EUR 79 % of the budget",
        "Budget 12,000.00 EUR March 2026",
        "Remaining 2,500.00 EUR",
        "Pace 29 % faster than planned",
        "Settled through 17 March 2026 3 days ago",
        "Owner team-checkout",
        "Is spending within budget?",
    ):
        assert wanted in page


def test_an_exceeded_budget_says_by_how_much() -> None:
    assert "Over budget by 310.90 EUR" in read(of(budget("b", spent="12310.90")), "/policies/b").replace("\u00a0", " ")


def test_unknown_is_never_a_number() -> None:
    unknown = budget("u", spent=None, state=State.UNKNOWN, reason="no rate USD/EUR for 2026-03-02")
    page = read(of(unknown), "/policies/u")
    assert "Spent unknown" in page
    assert "Fix the data" in page
    assert " 0.00" not in page
    assert "No days are known that could be drawn." in page


def test_the_numbers_behind_a_drawing_are_in_a_table_and_open_days_are_marked() -> None:
    page = read(snapshot(), "/policies/checkout-monthly?group=environment%3Dprod")
    assert "17 March" in page
    assert page.count("March can still change") == 2
    year = replace(budget("y"), period=Period(date(2026, 1, 1), date(2027, 1, 1)))
    assert "Month Spent So far Budget so far January 2026 6,100.00 6,100.00" in read(of(year), "/policies/y")


def test_a_group_can_be_named_by_label_or_place() -> None:
    made = snapshot()
    finding = next(one for one in made.findings if one.group == {"environment": "prod"})
    assert html(made, finding.page) == html(made, f"/policies/checkout-monthly?group={finding.anchor}")
    long = replace(finding, group={"team": "x" * 10_000})
    assert len(long.page) < 100
    assert "x" * 119 + "…" in read(of(long), long.page)


def test_a_policy_with_groups_lists_them_and_one_that_nobody_knows_is_not_found() -> None:
    page = read(snapshot(), "/policies/checkout-monthly")
    assert "1 of 2 groups fires." in page
    gone = answer(snapshot(), "/policies/checkout-monthly?group=environment%3Dlab")
    assert gone.status == 404
    assert "has no group" in unescape(gone.body.decode())
    assert answer(snapshot(), "/policies/nobodys").status == 404
    assert PAGES.render(snapshot(), PROFILES).chart("b-nobodys", "burn-up", {}) is None


def test_what_drove_it_is_told_by_service_account_and_resource() -> None:
    page = read(of(FIRING), "/policies/a").replace("\u00a0", " ")
    assert "+1,200.00 EUR : +900.00 volume, +250.00 price, +50.00 mix." in page
    assert "By service" in page
    assert "Amazon RDS +1,000.00 EUR +900.00 volume, +100.00 price" in page
    assert "payments 0042 −10.00 EUR" in page
    assert "Growth of orders explains +600.00 EUR, and not +600.00 EUR" in page
    assert "17 days to 17 March 2026, against 51 days from 1 December 2025 to 17 February 2026, scaled to 17" in page
    assert "Start with Amazon RDS (service): +1,000.00 EUR." in page
    assert "x" * 100 not in page


def test_a_change_without_quantities_has_no_split() -> None:
    zero = Decimal(0)
    change = replace(CHANGE, volume=zero, price=zero, mix=zero, other=Decimal(1200), explained=None)
    page = read(of(replace(FIRING, change=change)), "/policies/a").replace("\u00a0", " ")
    assert "+1,200.00 EUR ." in page
    assert "explains" not in page


def test_without_a_change_nothing_is_said_of_one() -> None:
    assert "Cost drivers" not in read(of(replace(FIRING, change=None, drivers=())), "/policies/a")


def test_growth_shows_cost_against_demand_the_interval_and_what_is_not_explained() -> None:
    page = read(grown(), "/policies/growth").replace("\u00a0", " ")
    for wanted in (
        "Elasticity 3.20 90 % interval 1.90 to 4.80",
        "Cost and orders, indexed to 100",
        "cost index 100 → 230, orders index 100 → 100.",
        "Elasticity 3.20, between 1.90 and 4.80 9 times out of 10; the threshold is 1.20.",
        "Explained and unexplained growth",
        "Not explained +600.00",
    ):
        assert wanted in page


@pytest.mark.parametrize("name", ["indexed", "elasticity", "explained"])
@pytest.mark.parametrize("query", [{}, {"size": "narrow", "theme": "dark"}], ids=["wide light", "narrow dark"])
def test_every_picture_that_a_page_names_can_be_had(name: str, query: dict[str, str]) -> None:
    made = grown()
    assert f"/charts/{GROWTH.anchor}/{name}.svg?size=narrow&amp;theme=dark" in html(made, "/policies/growth")
    drawn = PAGES.render(made, PROFILES).chart(GROWTH.anchor, name, query)
    assert drawn is not None
    assert drawn.content_type == "image/svg+xml"
    assert drawn.body.startswith(b"<svg")
    for forbidden in (b"<script", b"style=", b"<style", b"<image", b"<foreignObject", b"url("):
        assert forbidden not in drawn.body


def test_a_size_that_is_not_there_is_not_drawn() -> None:
    assert PAGES.render(grown(), PROFILES).chart(GROWTH.anchor, "indexed", {"size": "99999"}) is None


def test_the_history_shows_each_day_and_what_was_judged_afterwards() -> None:
    earlier = [replace(FIRING, as_of=AS_OF - timedelta(days=age)) for age in (2, 1)]
    days = verdict_days([*earlier, FIRING], SETTINGS.timezone)
    page = read(of(FIRING), "/policies/a", StillFacts(history_of=[replace(days[0], then=False), *days[1:]]))
    assert "20 March 2026 Warning pace 83 %" in page.replace("\u00a0", " ")
    assert "18 March 2026 evaluated afterwards" in page
    assert html(of(FIRING), "/policies/a", StillFacts(history_of=days)).count('<rect class="day warning"') == 3


def test_the_policy_stands_as_it_was_evaluated() -> None:
    written = WrittenPolicy("a", "Budget", "me", "", "sha256:1234", "policies/a.yaml", 7, "kind: Budget # <b>bold</b>")
    page = html(replace(of(FIRING), policies=(written,)), "/policies/a")
    assert "policies/a.yaml, line 7" in page
    assert "kind: Budget # &lt;b&gt;bold&lt;/b&gt;" in page
    assert "sha256:1234" in page


def test_the_tests_of_a_policy_tell_which_fail_and_why() -> None:
    written = WrittenPolicy("a", "Budget", "me", "", "sha256:1234", "policies/a.yaml", 7, "kind: Budget")
    outcomes = [
        TestOutcome("fine", "a.test.yaml:1", "policy: a", ()),
        TestOutcome("wrong", "a.test.yaml:9", "policy: a", ("a.test.yaml:12:3: expected ok, found firing",)),
    ]
    made = replace(of(FIRING), policies=(written,))
    page = read(made, "/policies/a/tests", StillFacts(outcomes=outcomes))
    assert "1 of 2 tests fails." in page
    assert page.index("wrong Fails") < page.index("fine Passes")
    assert "expected ok, found firing" in page
    assert "No tests." in read(made, "/policies/a/tests")


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}\u202e\n"


def test_untrusted_text_stays_text_on_every_page() -> None:
    hostile = replace(
        FIRING,
        policy='<b>&"',
        owner=HOSTILE,
        description=HOSTILE,
        reason=HOSTILE,
        group={HOSTILE: HOSTILE + "y" * 10_000},
        drivers=(Driver("ServiceName", HOSTILE, Decimal(5), name=HOSTILE),),
        demand=HOSTILE,
        notes=(HOSTILE,),
        amount={**FIRING.amount, HOSTILE: Money(Decimal(1), "EUR")},
    )
    for address in ("/", "/policies", hostile.page):
        page = html(of(hostile), address)
        assert "<script" not in page
        assert not re.search(r"<img src=x", page)
        assert "&lt;script&gt;" in page
        assert "\u202e" not in text(page)
        assert "{{7*7}}" in page or address != "/"
        assert len(page) < 60_000, "10,000 characters are not shown"
