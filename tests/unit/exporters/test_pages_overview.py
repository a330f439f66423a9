"""What the first page says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from finops.model.evaluation import Track
from finops.model.finding import Finding, Severity, State
from finops.model.operations import Operations, SourceFacts
from finops.model.snapshot import Snapshot
from finops_exporters.pages import PagesExporter
from finops_exporters.pages.overview import MOST_CALM_CHECKS, overview_of
from tests.unit.publish.samples import budget, evaluation, findings, operations, snapshot

PAGES = PagesExporter()
"""Shared, so that the charts of the sample are drawn once."""


def undrawn(made: Track, today: date) -> str | None:
    return None


def of(*found: Finding) -> Snapshot:
    return snapshot(evaluation(found))


def html(made: Snapshot | None, now: Operations | None = None, pages: PagesExporter | None = None) -> str:
    documents = (pages or PAGES).render(made).documents(now or operations())
    assert set(documents) == {"/"}
    return documents["/"].body.decode()


def text(page: str) -> str:
    """What a reader sees, white space folded."""

    class Reader(HTMLParser):
        seen = ""
        hidden = 0

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.hidden += tag in ("head", "svg")
            self.seen += " "

        def handle_endtag(self, tag: str) -> None:
            self.hidden -= tag in ("head", "svg")
            self.seen += " "

        def handle_data(self, data: str) -> None:
            self.seen += "" if self.hidden else data

    reader = Reader()
    reader.feed(page)
    return re.sub(r"\s+", " ", reader.seen)


FIRING = budget("a", state=State.FIRING, severity=Severity.WARNING, measure="pace", line=1.1)
INFO = budget("i", state=State.FIRING, severity=Severity.INFO, measure="spent", line=0.3)
UNKNOWN = budget("u", spent=None, state=State.UNKNOWN, reason="no rate USD/EUR for 2026-03-02")
OK = budget("o")
OK_TOO = budget("p")


@pytest.mark.parametrize(
    ("found", "headline"),
    [
        ((), "No policies yet"),
        ((OK,), "The budget is on track"),
        ((OK, OK_TOO), "All 2 budgets are on track"),
        ((FIRING,), "The budget is over its line"),
        ((FIRING, OK), "1 of 2 budgets is over its line"),
        ((FIRING, INFO, OK), "2 of 3 budgets are over their line"),
        ((UNKNOWN,), "The budget cannot be judged yet"),
        ((UNKNOWN, OK), "1 of 2 budgets is on track"),
        ((UNKNOWN, OK, OK_TOO), "2 of 3 budgets are on track"),
        ((UNKNOWN, replace(UNKNOWN, policy="v")), "No budget can be judged yet"),
    ],
)
def test_the_headline_says_how_many(found: tuple[Finding, ...], headline: str) -> None:
    assert overview_of(of(*found), undrawn).headline == headline


def test_checks_that_are_no_budgets_do_not_count_as_budgets() -> None:
    freshness = next(finding for finding in findings() if finding.kind == "Freshness")
    overview = overview_of(of(freshness), undrawn)
    assert overview.headline == "No budgets yet"
    assert [check.name for check in overview.checks] == ["bills-arrive"]
    assert overview.cards == ()


def test_the_most_urgent_comes_first_and_what_is_well_last() -> None:
    cards = overview_of(snapshot(), undrawn).cards
    tones = [card.tone for card in cards]
    assert tones == ["critical", "warning", "warning", "unknown", "ok", "ok", "ok", "ok"]
    assert cards[0].name == "data-platform-monthly"
    assert [card.pace_brief for card in cards if card.tone == "warning"] == ["76\u00a0% faster", "29\u00a0% faster"]


def test_unknown_is_never_a_number() -> None:
    (card,) = overview_of(of(UNKNOWN), undrawn).cards
    assert (card.spent, card.used, card.pace, card.remaining, card.used_share) == (None, None, None, None, None)
    page = text(html(of(UNKNOWN)))
    assert "Spending not known" in page
    assert "No rate USD/EUR for 2026-03-02." in page
    assert " 0.00" not in page
    assert " 0\u00a0%" not in page


def test_reasons_are_sentences() -> None:
    reasons = {card.name: card.reason for card in overview_of(of(FIRING, INFO, UNKNOWN, OK), undrawn).cards}
    assert reasons == {
        "a": "Spending is 17\u00a0% slower than planned; the line is 10\u00a0% faster than planned.",
        "i": "51\u00a0% of the budget is spent; the line is 30\u00a0%.",
        "u": "No rate USD/EUR for 2026-03-02.",
        "o": "Below every line.",
    }


def test_a_measure_that_is_an_amount_keeps_the_verdicts_own_words() -> None:
    by_amount = replace(INFO, value=6100.0, limit=5000.0, reason="spent 6100.00 EUR > 5000.00 EUR")
    (card,) = overview_of(of(by_amount), undrawn).cards
    assert card.reason == "Spent 6100.00 EUR > 5000.00 EUR."


def test_an_exceeded_budget_says_by_how_much() -> None:
    (card,) = overview_of(of(budget("b", spent="12310.90")), undrawn).cards
    assert (card.remaining_words, card.remaining, card.used_share) == ("Over by", "310.90\u00a0EUR", 100.0)


def test_a_long_period_is_listed_by_month() -> None:
    year = replace(OK, period=type(OK.period)(date(2026, 1, 1), date(2027, 1, 1)))
    (card,) = overview_of(of(year), undrawn).cards
    assert card.rows_by_month
    assert [row.when for row in card.rows] == ["January 2026"]
    assert card.rows[0].so_far == "6,100.00"


def test_provisional_days_are_marked() -> None:
    (card,) = overview_of(of(OK), undrawn).cards
    assert [row.final for row in card.rows] == [True] * 17 + [False] * 2


def test_everything_a_budget_owes_its_reader_is_on_the_page() -> None:
    page = text(html(snapshot()))
    for wanted in (
        "3 of 8 budgets are over their line.",
        "1 critical and 2 warnings.",
        "1 budget cannot be judged, because data is missing.",
        "9,500.00 EUR of 12,000.00 EUR",
        "Pace 29 % faster than planned",
        "Remaining 2,500.00 EUR",
        "Period March 2026",
        "Final through 17 March 2026 3 days ago",
        "Owner team-checkout",
        "Checked 20 March 2026, 06:00 UTC",
        "used data version costs 42, scopes 42, costs_daily 43, demand 7",
    ):
        assert wanted in page


def test_sources_show_their_age_and_their_last_error() -> None:
    page = text(html(snapshot()))
    assert "aws-prod aws-data-export Working 19 March 2026 20 March 2026, 04:00 UTC 1,204,332 −132.40 EUR" in page
    assert "datacentre focus-files Failing 28 February 2026" in page
    assert "'12,5' is no number. Ask for the file again" in page
    assert page.index("focus-files") < page.index("aws-data-export")


def test_sources_are_as_they_are_now_not_as_they_were_at_the_evaluation() -> None:
    rendered = PAGES.render(snapshot())
    later = replace(operations(), collecting=("datacentre",))
    before, after = (text(rendered.documents(now)["/"].body.decode()) for now in (operations(), later))
    assert "focus-files Failing" in before
    assert "focus-files Collecting " in after


def test_before_the_first_evaluation_the_page_says_what_happens() -> None:
    collecting = Operations((SourceFacts("aws", "aws-data-export"),), collecting=("aws",))
    assert "Collecting the bills. Reading aws." in text(html(None, collecting))
    assert "No verdicts yet." in text(html(None, Operations()))
    assert "No source is set up yet." in text(html(None, Operations()))


def test_without_policies_the_page_shows_how_to_write_one() -> None:
    page = text(html(of()))
    assert "No policies yet." in page
    assert "kind: Budget" in page


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}\u202e"


def test_untrusted_text_stays_text() -> None:
    hostile = budget(
        HOSTILE, owner=HOSTILE, group={HOSTILE: HOSTILE}, reason=HOSTILE, description=HOSTILE, state=State.UNKNOWN
    )
    source = SourceFacts(HOSTILE, HOSTILE, up=False, error=HOSTILE)
    page = html(of(hostile), Operations((source,)))
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "{{7*7}}" in page


def test_the_same_snapshot_gives_the_same_page() -> None:
    assert html(snapshot(), pages=PagesExporter()) == html(snapshot(), pages=PagesExporter())


def test_assets_are_all_that_the_page_asks_for() -> None:
    asked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html(snapshot())))
    assert asked == set(PagesExporter().assets())


def test_a_hundred_checks_that_are_well_are_folded_away() -> None:
    calm = [
        replace(budget("odd-days"), kind="Anomaly", group={"service": f"s{number}"})
        for number in range(MOST_CALM_CHECKS + 1)
    ]
    loud = replace(budget("loud-days", state=State.FIRING, severity=Severity.WARNING), kind="Anomaly")
    overview = overview_of(of(*calm, loud), undrawn)
    assert [check.name for check in overview.checks] == ["loud-days"]
    assert len(overview.folded) == MOST_CALM_CHECKS + 1
    page = text(html(of(*calm, loud)))
    assert f"{MOST_CALM_CHECKS + 1} more checks are on track" in page
    few = overview_of(of(*calm[1:], loud), undrawn)
    assert (len(few.checks), few.folded) == (MOST_CALM_CHECKS + 1, ())
