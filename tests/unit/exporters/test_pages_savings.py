"""The page Savings: numbers with their interval, period and age; forms for those who may respond."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from finops.model.cost_report import SourceAge
from finops.model.period import Period
from finops.model.saving import Estimated, MeasuredSaving, SavingClaim, SavingList, SavingParts, SavingState
from tests.unit.exporters.pages_read import ANNA, StillFacts, answer, html, read

CLAIM = SavingClaim(
    "a1b2c3d4e5f6", "team = '<b>'", date(2026, 5, 1), "orders", "Anna", "Tiering", datetime(2026, 5, 2, tzinfo=UTC)
)
PROVEN = MeasuredSaving(
    CLAIM,
    SavingState.PROVEN,
    "Saved between 1,000.00 EUR and 1,400.00 EUR with 90 %, against what orders would have cost.",
    Period(date(2026, 5, 1), date(2026, 6, 8)),
    38,
    Estimated(Decimal("1200.00"), Decimal("1000.00"), Decimal("1400.00")),
    Decimal("9000.00"),
    Decimal("7800.00"),
    SavingParts(Decimal("900.00"), Decimal("350.00"), Decimal("-50.00"), Decimal("0.00")),
)
YOUNG = MeasuredSaving(replace(CLAIM, id="b"), SavingState.MEASURING, "3 of the 14 settled days that it takes.")
LIST = SavingList("EUR", [YOUNG, PROVEN], date(2026, 6, 7), [SourceAge("prod", None, None)])


def test_what_is_proven_is_told_with_its_interval_and_parts() -> None:
    page = read(None, "/savings", StillFacts(saved=LIST))
    for told in ("1,000.00 EUR to 1,400.00 EUR", "7,800.00 EUR", "usage +900.00 EUR", "7 June 2026", "team = '<b>'"):
        assert told in page
    assert "1,200.00 EUR saved, proven by 1 claim of 2" in page


def test_what_is_not_known_yet_is_no_zero() -> None:
    page = read(None, "/savings", StillFacts(saved=replace(LIST, savings=[YOUNG])))
    assert " measuring – – – – " in page
    assert "Nothing is proven yet of 1 claim." in page


def test_only_responders_claim_and_withdraw() -> None:
    facts = StillFacts(saved=LIST)
    assert 'action="/savings/a1b2c3d4e5f6/withdraw"' in html(None, "/savings", facts)
    reader = replace(ANNA, may_respond=False)
    assert "<form" not in answer(None, "/savings", facts, reader=reader).body.decode()
    assert "Nobody has claimed a saving" in read(None, "/savings", StillFacts(saved=replace(LIST, savings=[])))


def test_a_refused_claim_is_shown_as_it_was_typed() -> None:
    typed = {"scope": "team = 'serch'", "since": "2026-05-01", "demand": "orders"}
    page = answer(None, "/savings", StillFacts(saved=LIST), fault="scope: no row", typed=typed)
    assert page.status == 422
    told = page.body.decode()
    assert "scope: no row" in told
    assert "serch" in told
    assert "<option selected>orders</option>" in told
