"""What the first page says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from finops.model.alert import Acknowledgement, AlertRecord, AlertState
from finops.model.delivery import ReceiverTrouble
from finops.model.finding import Finding, Severity, State
from finops.model.month_costs import MonthCosts, MonthForecast
from finops.model.operations import Operations, OutboxFacts, SourceFacts
from finops.model.quality import Extent, Quality, SourceQuality, Unallocated
from finops.model.silence import Silence
from finops.model.snapshot import Snapshot
from finops.model.statement import InvoiceSum, SourceContracts
from finops.model.verdict_day import verdict_days
from finops_exporters.pages import PagesExporter
from finops_exporters.pages.filters import PER_PAGE, Filters
from finops_exporters.pages.overview import Overview, overview_of
from finops_exporters.pages.snapshot_index import SnapshotIndex
from tests.support.profiles import PROFILES
from tests.support.snapshots import AS_OF, MARCH, SETTINGS, budget, findings, operations, snapshot
from tests.unit.exporters.pages_read import StillFacts, html, of, read, text

FIRING = budget("a", state=State.FIRING, severity=Severity.WARNING, measure="pace", line=1.1)
INFO = budget("i", state=State.FIRING, severity=Severity.INFO, measure="spent", line=0.3)
UNKNOWN = budget("u", spent=None, state=State.UNKNOWN, reason="no rate USD/EUR for 2026-03-02")
OK = budget("o")
OK_TOO = budget("p")
EVERYTHING = Filters()


def overview(made: Snapshot, filters: Filters = EVERYTHING) -> Overview:
    return overview_of(SnapshotIndex.of(made, PROFILES), filters, {}, {})


def lines(made: Snapshot, filters: Filters = EVERYTHING) -> dict[str, list[str]]:
    """Section -> names in it."""
    seen = overview(made, filters)
    parts = {part.key: [line.name for line in (*part.cards, *part.lines)] for part in seen.parts}
    return {**parts, "calm": [line.name for line in seen.calm]}


@pytest.mark.parametrize(
    ("found", "headline"),
    [
        ((), "No policies yet"),
        ((OK,), "The budget is on track"),
        ((OK, OK_TOO), "All 2 budgets are on track"),
        ((FIRING,), "The budget is over a threshold"),
        ((FIRING, OK), "1 of 2 budgets is over a threshold"),
        ((FIRING, INFO, OK), "2 of 3 budgets are over a threshold"),
        ((UNKNOWN,), "The budget has no verdict yet"),
        ((UNKNOWN, OK), "1 of 2 budgets is on track"),
        ((UNKNOWN, OK, OK_TOO), "2 of 3 budgets are on track"),
        ((UNKNOWN, replace(UNKNOWN, policy="v")), "No budget has a verdict yet"),
    ],
)
def test_the_headline_says_how_many(found: tuple[Finding, ...], headline: str) -> None:
    assert overview(of(*found)).headline == headline


def test_checks_that_are_no_budgets_do_not_count_as_budgets() -> None:
    freshness = next(finding for finding in findings() if finding.kind == "Freshness")
    assert overview(of(freshness)).headline == "1 verdict needs attention"


def test_what_is_over_will_be_over_and_cannot_be_known_stand_apart() -> None:
    found = lines(snapshot())
    assert found == {
        "over": ["ai-assistants"],
        "soon": ["data-platform-monthly", "checkout-monthly"],
        "other": ["bills-arrive"],
        "unknown": ["datacentre-quarterly"],
        "calm": ["backup-monthly", "search-monthly", "checkout-monthly", "website-monthly"],
    }


def test_unknown_is_never_a_number() -> None:
    page = read(of(UNKNOWN))
    assert "No rate USD/EUR for 2026-03-02." in page
    assert "u Unknown unknown" in page
    assert " 0.00 EUR" not in page
    assert " 0 %" not in page


def test_reasons_are_sentences() -> None:
    seen = overview(of(FIRING, INFO, UNKNOWN, OK))
    shown = [line for part in seen.parts for line in (*part.cards, *part.lines)]
    assert {line.name: line.reason for line in (*shown, *seen.calm)} == {
        "a": "Spending is 17\u00a0% slower than planned; the threshold is 10\u00a0% faster than planned.",
        "i": "51\u00a0% of the budget is spent; the threshold is 30\u00a0%.",
        "u": "No rate USD/EUR for 2026-03-02.",
        "o": "Below every threshold.",
    }


def test_a_measure_that_is_an_amount_keeps_the_verdicts_own_words() -> None:
    by_amount = replace(INFO, value=6100.0, limit=5000.0, reason="spent 6100.00 EUR > 5000.00 EUR")
    assert "Spent 6100.00 EUR > 5000.00 EUR." in read(of(by_amount))


def test_everything_that_an_overview_owes_its_reader_is_there() -> None:
    page = read(snapshot())
    for wanted in (
        "3 of 8 budgets are over a threshold.",
        "1 critical and 2 warnings.",
        "1 budget cannot be evaluated because data is missing.",
        "9,500.00 EUR of 12,000.00 EUR",
        "Owner team-checkout",
        "Checked 20 March 2026, 06:00 UTC",
        "used data version costs 42, scopes 42, costs_daily 43, demand 7",
    ):
        assert wanted in page.replace("\u00a0", " ")


def test_what_changed_since_yesterday_is_told_and_the_worse_first() -> None:
    earlier = [replace(OK, policy="a"), FIRING, UNKNOWN, OK]
    made = of(replace(FIRING, policy="a"), replace(OK, policy="b"), replace(OK, policy="u"), OK)
    days = verdict_days(
        [
            replace(finding, policy=name, as_of=AS_OF - timedelta(days=1))
            for finding, name in zip(earlier, "abuo", strict=True)
        ],
        SETTINGS.timezone,
    )
    page = read(made, "/", StillFacts(before={day.place: day for day in days}))
    assert "Changed since yesterday a On track → became Warning b Warning → became On track u Unknown" in page
    assert "o On track → became" not in page
    same = verdict_days([FIRING], SETTINGS.timezone)
    nothing = read(of(FIRING), "/", StillFacts(before={day.place: day for day in same}))
    assert "No changes since yesterday" in nothing
    assert "Changed since yesterday" not in read(made), "nothing is known of yesterday"


def test_a_verdict_that_somebody_knows_of_says_so_and_stays_red() -> None:
    acknowledged = AlertRecord("1", AlertState.FIRING, Severity.WARNING, FIRING, AS_OF, AS_OF)
    acknowledged = replace(acknowledged, acknowledged=Acknowledgement(AS_OF, "anna\u202e <b>", Severity.WARNING))
    silenced = replace(acknowledged, id="2", finding=INFO, acknowledged=None, silence="s")
    silence = Silence("s", {"policy": ("i",)}, "a test", "anna", AS_OF, AS_OF + timedelta(days=1))
    facts = StillFacts(records=[acknowledged, silenced], quiet=[silence])

    for address in ("/", "/policies"):
        page = read(of(FIRING, INFO), address, facts)
        assert "Warning" in page
        assert "Acknowledged by anna <b>" in page
        assert "Silenced until 21 March 2026, 06:00 UTC" in page
    assert "Acknowledged by anna" in read(of(FIRING), "/policies/a", facts)
    assert "Acknowledged" not in read(of(FIRING, INFO))


def test_a_long_list_of_alerts_has_pages_that_keep_the_filter() -> None:
    records = [AlertRecord(str(n), AlertState.FIRING, Severity.WARNING, FIRING, AS_OF, AS_OF) for n in range(250)]
    facts = StillFacts(records=records)
    middle = html(of(FIRING), f"/alerts?owner={FIRING.owner}&all=1&page=2", facts)

    assert '<h1 id="headline">250 alerts are unacknowledged.</h1>' in middle
    assert middle.count('<th scope="row"><a href="/alerts/') == 100
    assert "101 to 200 of 250" in middle
    assert f'href="/alerts?owner={FIRING.owner}&amp;all=1" rel="prev"' in middle
    assert f'href="/alerts?owner={FIRING.owner}&amp;all=1&amp;page=3" rel="next"' in middle
    assert "201 to 250 of 250" in html(of(FIRING), "/alerts?page=99", facts)
    assert 'rel="next"' not in html(of(FIRING), "/alerts", StillFacts(records=records[:100]))


def test_filters_stand_in_the_address_and_hold_in_every_link() -> None:
    page = html(snapshot(), "/?owner=team-checkout&state=firing")
    assert "data-platform-monthly" not in page
    assert '<option value="team-checkout" selected>' in page
    assert 'href="/?owner=team-checkout&amp;state=warning"' in page
    assert lines(snapshot(), Filters(kind="Freshness")) == {"other": ["bills-arrive"], "calm": []}
    assert lines(snapshot(), Filters(text="WEBSITE")) == {"calm": ["website-monthly"]}


def test_a_filter_that_nothing_passes_says_so_and_offers_the_way_back() -> None:
    page = read(snapshot(), "/?owner=team-gone")
    assert "No verdict matches owner team-gone." in page
    assert "team-gone (nothing now)" in page
    assert "Show all" in page


def test_a_thousand_calm_verdicts_come_in_pages() -> None:
    made = of(*(budget(f"p{number:04}") for number in range(1000)))
    first, last = read(made), read(made, f"/?page={1000 // PER_PAGE}")
    assert "1 to 50 of 1,000 Next" in first
    assert "p0049" in first
    assert "p0050" not in first
    assert "951 to 1,000 of 1,000 Previous" in last
    assert "951 to 1,000" in read(made, "/?page=99999"), "a page that is not there is the last"


def test_sources_show_their_age_and_their_last_error() -> None:
    page = read(snapshot())
    assert "aws-prod aws-data-export Working 19 March 2026 1 day ago 20 March 2026, 04:00 UTC took 31.5 s" in page
    assert "datacentre focus-files Failing 28 February 2026" in page
    assert "'12,5' is not a valid number. Ask for it again" in page
    assert page.index("focus-files") < page.index("aws-data-export")


def test_the_quality_of_a_source_is_shown_with_its_basis_and_currency() -> None:
    violation = Extent(3, {"EUR": Decimal("12.5"), "JPY": Decimal(900)})
    found = SourceQuality(
        source="aws<b>",
        first=date(2026, 2, 1),
        last=date(2026, 3, 1),
        collected_at=AS_OF - timedelta(hours=2),
        complete_through=AS_OF - timedelta(days=1),
        quality=Quality(Extent(10, {}), {"SkuId: is null in usage or a purchase": violation}, {"SkuId": 3, "Tags": 10}),
        is_first_delivery=False,
        changed={"SkuId: is null in usage or a purchase": -2},
        delivered=(date(2026, 3, 1),),
        unallocated={"team": Unallocated(1, 10, {"EUR": Decimal(1)}, {"EUR": Decimal(4), "JPY": Decimal(9)})},
    )
    page = read(snapshot(), "/sources", StillFacts(qualities=[found]))
    assert "aws<b> : 1 rule violated 10 rows of 2026-02 to 2026-03, collected 2 h ago, usage through 2026-03-19" in page
    assert "SkuId is null in usage or a purchase 3 12.50 EUR, 900 JPY -2" in page
    assert "Null in every row Tags Null in some rows SkuId (3)" in page
    assert "Without a team 1 of 10 rows; EffectiveCost 1.00 EUR of 4.00 EUR (25 %), 0 JPY of 9 JPY (0 %)" in page


def test_sources_show_their_commitments_and_invoices() -> None:
    invoice = InvoiceSum("INV-1", "Acme", "Issued", None, None, "USD", Decimal(9), Decimal(10))
    agreed = SourceContracts("aws", (("plan", date(2027, 1, 1)), ("edp", None)), ((date(2026, 3, 1), invoice),))
    page = read(snapshot(), "/sources", StillFacts(agreed=[agreed]))
    assert "aws : 2 commitments, 1 invoice of the last months" in page or "aws: 2 commitments, 1 invoice" in page
    for told in ("INV-1", "2026-03", "9.00 USD", "10.00 USD", "differs", "ends 2027-01-01", "end unknown"):
        assert told in page
    assert "Contracts and invoices" not in read(snapshot(), "/sources")


def test_sources_are_as_they_are_now_not_as_they_were_at_the_evaluation() -> None:
    later = replace(operations(), collecting=("datacentre",))
    assert "focus-files Failing" in read(snapshot())
    assert "focus-files Collecting " in read(snapshot(), "/", StillFacts(later))


def test_before_the_first_evaluation_the_page_says_what_happens() -> None:
    collecting = StillFacts(Operations((SourceFacts("aws", "aws-data-export"),), collecting=("aws",)))
    assert "Collecting bills. Reading aws." in read(None, "/", collecting)
    assert 'http-equiv="refresh"' in html(None, "/", collecting)
    assert "No verdicts yet." in read(None, "/", StillFacts(Operations()))
    assert "No source is set up yet." in read(None, "/", StillFacts(Operations()))
    assert "No verdicts yet." in read(None, "/policies")


def test_without_policies_the_page_shows_how_to_write_one() -> None:
    page = read(of())
    assert "No policies yet." in page
    assert "kind: Budget" in page


def test_assets_are_all_that_the_page_asks_for() -> None:
    asked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html(snapshot())))
    assert asked == set(PagesExporter().assets())


def test_the_same_snapshot_gives_the_same_page() -> None:
    assert html(snapshot()) == html(snapshot())


def test_the_day_of_a_snapshot_is_one_of_its_time_zone() -> None:
    assert SnapshotIndex.of(replace(snapshot(), timezone="Pacific/Kiritimati"), PROFILES).today == date(2026, 3, 20)
    assert SnapshotIndex.of(replace(snapshot(), timezone="Pacific/Pago_Pago"), PROFILES).today == date(2026, 3, 19)


def test_a_receiver_that_refuses_is_named_with_reason_time_and_remedy() -> None:
    at = datetime(2026, 3, 20, 6, 58, tzinfo=UTC)
    refused = ReceiverTrouble("oncall", 2, "oncall (https://hooks.example): HTTP 404. Check the URL", at)
    waiting = ReceiverTrouble(
        "finance", 1, "finance (mail.example): no answer. Check the host", at, at + timedelta(hours=1)
    )
    outbox = OutboxFacts(pending={"finance": 1, "oncall": 0}, troubles=(refused, waiting))
    facts = StillFacts(replace(operations(), outbox=outbox))
    for path in ("/", "/alerts"):
        page = read(of(FIRING), path, facts)
        assert (
            "oncall refused 2 messages, last on 20 March 2026, 06:58 UTC. Refused messages are not sent again." in page
        )
        assert "HTTP 404. Check the URL. Once it is corrected, finops notify test oncall tests it." in page
        assert "finance could not be reached: 1 message waits since 20 March 2026, 06:58 UTC." in page
        assert "Next attempt: 20 March 2026, 07:58 UTC." in page
    well = StillFacts(replace(operations(), outbox=OutboxFacts(pending={"oncall": 0})))
    assert "Needs attention" not in read(of(FIRING), "/alerts", well)


def test_the_month_comes_first_and_each_amount_leads_to_its_costs() -> None:
    over = [
        replace(FIRING, policy="a", amount=budget("a", spent="10223", limit="8000").amount, measures={"spent": 1.28})
    ]
    over.append(budget("b", spent="14745", limit="12000"))
    month = MonthCosts(
        period=MARCH,
        through=date(2026, 3, 20),
        currency="EUR",
        dimensions=("team",),
        to_date=Decimal(20000),
        forecast=MonthForecast((), Decimal(31000), Decimal(30000), Decimal(32000)),
        settled_through=date(2026, 3, 17),
        settled=Decimal(17000),
        last_month=Decimal(28000),
        last_month_to_date=Decimal(16000),
        unallocated=Decimal(1000),
        unowned=("", "unallocated"),
    )
    page = html(replace(of(*over), month=month))
    seen = text(page)
    for said in (
        "March to date 20,000.00 EUR +6.2 % through 17 March, against the same days of February",
        "Forecast for March 31,000.00 EUR 30,000.00 to 32,000.00 in 8 of 10 cases",
        "Last month 28,000.00 EUR February 2026",
        "A year ago – March 2025: not all of its bills are known",
        "Over budget 4,968.00 EUR 2 of 2 budgets; each counts its own scope",
        "Unallocated 5 % 1,000.00 EUR without team",
        "2,223 EUR over (128 %).",
    ):
        assert said in seen, said
    assert 'href="/costs?from=2026-03-01&amp;to=2026-03-21&amp;by=team&amp;compare=month"' in page
    assert "from=2026-02-01&amp;to=2026-03-01" in page


def test_a_month_of_which_nothing_is_known_has_no_zero() -> None:
    seen = text(html(replace(of(), month=MonthCosts(MARCH, date(2026, 3, 20), "EUR", ("team",), note="no data"))))
    assert "March to date –" in seen
    assert "Over budget – no budgets" in seen
    assert "Unallocated –" in seen
    assert "No data." in seen
    assert "0.00 EUR" not in seen
