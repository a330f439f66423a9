"""Teams and their bills as pages and as a workbook."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from email.headerregistry import Address
from zipfile import ZipFile

from finops.model.alert import Acknowledgement, AlertRecord, AlertState
from finops.model.finding import Driver, Severity, State
from finops.model.money import Money
from finops.model.period import Period
from finops.model.team import SignOff, Team
from finops.model.team_bill import Correction, TeamBill, TeamLine, TeamList, TeamSum
from finops.model.team_digest import TeamDigest
from finops.model.team_table import verdicts_csv
from finops.ports.pages import PendingCosts, Reader
from finops_exporters.email.team_digest import compose_digest
from tests.support.profiles import PROFILES
from tests.unit.exporters.pages_read import StillFacts, answer, html, read, text
from tests.unit.exporters.statement.statements import finding

OCTOBER, SEPTEMBER = Period(date(2026, 10, 1), date(2026, 11, 1)), Period(date(2026, 9, 1), date(2026, 10, 1))
CHECKOUT = Team("checkout", "4711", ("anna@example.com",))
SIGNED = SignOff(
    "checkout", OCTOBER.start, datetime(2026, 11, 5, 9, tzinfo=UTC), "Anna", "as invoiced", Decimal(150), "EUR"
)
DIRECT = TeamLine("", "", "<b>RDS</b>", "=1+1", Decimal("100.005"), Decimal(80))
SHARE = TeamLine("platform", "platform", "EKS", "7", Decimal(40), None)
BILL = TeamBill(
    team=CHECKOUT,
    month=OCTOBER.start,
    period=OCTOBER,
    compared=SEPTEMBER,
    currency="EUR",
    lines=(DIRECT, SHARE),
    settled_through=date(2026, 11, 27),
    sources=(),
    made_at=datetime(2026, 11, 30, tzinfo=UTC),
    notes=("allocation cluster: no value for 2026-10-04; 12.00 EUR stayed where it was",),
)
VIEWER = Reader("ben", may_respond=False, token_field="form_token", form_token="")


def test_a_bill_shows_its_own_costs_and_its_shares() -> None:
    page = read(None, "/teams/checkout?month=2026-10", StillFacts(team_billed=BILL))
    assert "checkout: 140.00 EUR in October 2026." in page
    assert "Cost centre: 4711 · Owners: anna@example.com" in page
    assert "Direct: 100.00 EUR" in page
    assert "Allocated to the team: 40.00 EUR" in page
    assert "12.00 EUR stayed where it was" in page
    assert "Settled" in page


def test_a_bill_shows_its_budgets_drivers_and_unit_costs() -> None:
    amounts = {"spent": "14745.23", "limit": "12000", "forecast": "15100"}
    over = finding(
        "Budget",
        "checkout-monthly",
        state=State.FIRING,
        severity=Severity.CRITICAL,
        amount={name: Money(Decimal(one), "EUR") for name, one in amounts.items()},
        measures={"spent": 1.23},
    )
    order = finding(
        "UnitCost",
        "cost-per-order",
        measure="unit_cost",
        amount={"unit_cost": Money(Decimal("0.0602"), "EUR")},
        measures={"unit_cost": 0.0602},
        demand="orders",
    )
    costly = replace(DIRECT, amount=Decimal(200), before=Decimal("80.5"))
    billed = replace(BILL, lines=(costly, SHARE), budgets=(over,), unit_costs=(order,))
    page = read(None, "/teams/checkout", StillFacts(team_billed=billed))
    assert "12,000.00 EUR 14,745.23 EUR 123 % of it" in page
    assert "15,100.00 EUR Critical" in page
    assert "What changed most against September 2026." in page
    assert "<b>RDS</b> · =1+1 +119.50 EUR (+148 %) 200.00 EUR" in page
    assert "cost-per-order October 2026 Unit cost 0.0602 EUR" in page
    rows = list(csv.DictReader(io.StringIO(verdicts_csv(billed))))
    assert [(row["part"], row["policy"], row["limit"], row["spent"], row["forecast"]) for row in rows] == [
        ("budget", "checkout-monthly", "12000.00", "14745.23", "15100.00"),
        ("unit_cost", "cost-per-order", "", "", ""),
    ]
    assert rows[1]["unit_cost"] == "0.0602"


def test_a_name_of_a_bill_is_text_and_each_line_leads_to_its_resources() -> None:
    page = html(None, "/teams/checkout", StillFacts(team_billed=BILL))
    assert "<b>RDS</b>" not in page
    assert re.search(r'href="/costs\?[^"]*by=ResourceId%2CResourceName[^"]*scope=[^"]*EKS', page)


def test_a_responder_signs_a_settled_month_off_and_a_viewer_does_not() -> None:
    facts = StillFacts(team_billed=BILL)
    assert 'action="/teams/checkout/sign-off"' in html(None, "/teams/checkout", facts)
    assert "sign-off" not in answer(None, "/teams/checkout", facts, reader=VIEWER).body.decode()
    open_month = StillFacts(team_billed=replace(BILL, settled_through=date(2026, 10, 20)))
    page = html(None, "/teams/checkout", open_month)
    assert "sign-off" not in page
    assert "later days can still change" in text(page)


def test_corrections_stand_below_the_signature() -> None:
    changed = replace(BILL, signed=SIGNED, corrections=(Correction(DIRECT, Decimal(110), Decimal("-9.995")),))
    page = read(None, "/teams/checkout", StillFacts(team_billed=changed))
    assert "Signed off Anna, " in page
    assert "150.00 EUR: as invoiced" in page
    assert "Corrections since then: −10.00 EUR" in page
    assert "Nothing has changed" in read(None, "/teams/checkout", StillFacts(team_billed=replace(BILL, signed=SIGNED)))


def test_an_unknown_team_is_named() -> None:
    document = answer(None, "/teams/chekout", StillFacts())
    assert document.status == 404
    assert "no team 'chekout'" in text(document.body.decode())


def test_the_list_adds_up_and_unknown_amounts_are_no_zero() -> None:
    sums = (
        TeamSum(CHECKOUT, Decimal(100), Decimal(40), Decimal(140), Decimal(80), SIGNED),
        TeamSum(Team(""), Decimal(1), Decimal(0), Decimal(1), None, None),
    )
    listed = TeamList(OCTOBER.start, OCTOBER, SEPTEMBER, "EUR", sums, [OCTOBER.start, SEPTEMBER.start])
    page = read(None, "/teams?month=2026-10", StillFacts(teams_listed=listed))
    assert "141.00 EUR for 1 team in October 2026." in page
    assert re.search(r"Largest rise: checkout ?, \+60\.00 EUR \(\+75", page)
    assert "+60.00 EUR (+75" in page
    assert "(none) 1.00 EUR 1.00 EUR" in page
    assert "Anna" in page


def test_the_list_is_sorted_and_searched_by_its_address() -> None:
    sums = [
        TeamSum(Team(name, centre), Decimal(1), Decimal(0), total, before, None)
        for name, centre, total, before in (
            ("Beta", "47", Decimal(90), Decimal(80)),
            ("alpha", "48", Decimal(70), Decimal(10)),
            ("gamma", "49", None, Decimal(10)),
        )
    ]
    listed = TeamList(OCTOBER.start, OCTOBER, SEPTEMBER, "EUR", tuple(sums[::-1]), [OCTOBER.start])

    def names(query: str) -> list[str]:
        page = html(None, f"/teams?month=2026-10{query}", StillFacts(teams_listed=listed))
        return re.findall(r"<bdi>(\w+)</bdi></a></th>", page)

    assert names("") == names("&sort=amount") == names("&sort=nonsense") == ["Beta", "alpha", "gamma"]
    assert names("&sort=change") == ["alpha", "Beta", "gamma"]
    assert names("&sort=name") == ["alpha", "Beta", "gamma"]
    assert (names("&text=BET"), names("&text=48"), names("&text=x")) == (["Beta"], ["alpha"], [])
    page = html(None, '/teams?text="><b', StillFacts(teams_listed=listed))
    assert 'value="&#34;&gt;&lt;b"' in page
    assert "0 of 3 teams" in page


def test_the_workbook_has_a_sheet_a_section_and_no_formula() -> None:
    changed = replace(BILL, signed=SIGNED, corrections=(Correction(DIRECT, Decimal(110), Decimal("-9.995")),))
    facts = StillFacts(team_billed=changed, reported=PendingCosts(9_000_000, 9, 1, 13))
    document = answer(None, "/teams/checkout/bill.xlsx?month=2026-10", facts)
    with ZipFile(io.BytesIO(document.body)) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        sheets = "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
    assert names == ["Bill", "Direct", "Allocated", "Resources", "Corrections"]
    assert "<f>" not in sheets
    assert "100.005" in sheets


def test_a_digest_says_what_to_do_about_alerts_that_fire() -> None:
    over = finding(
        "Budget",
        "checkout-monthly",
        state=State.FIRING,
        severity=Severity.CRITICAL,
        amount={"spent": Money(Decimal(130), "EUR"), "limit": Money(Decimal(100), "EUR")},
        measures={"spent": 1.3},
        drivers=(Driver("ServiceName", "<b>RDS</b>", Decimal(30)),),
    )
    since = datetime(2026, 10, 20, tzinfo=UTC)
    known = Acknowledgement(since, "Anna", Severity.CRITICAL)
    alert = AlertRecord("0a1b", AlertState.FIRING, Severity.CRITICAL, over, since, since, acknowledged=known)
    calm = replace(over, policy="calm", state=State.OK, severity=None, measures={"spent": 0.2})
    near = replace(calm, policy="near", measures={"spent": 0.85})
    digest = TeamDigest(BILL, replace(BILL, budgets=(over, near, calm)), (alert,), ("aws: a file is lost",))
    mail = compose_digest(
        digest,
        site="https://finops.example.com",
        sender=Address("", "finops", "example.com"),
        to=[Address("", "anna", "example.com")],
        idempotency_key="k",
        sent_at=since,
        profiles=PROFILES,
    )
    assert str(mail["Subject"]).startswith("Data incomplete: Checkout spent 140 EUR in the week to 31 October")
    for form in ("plain", "html"):
        body = mail.get_body((form,))
        assert body is not None
        told = " ".join(text(str(body.get_content())).split()) if form == "html" else str(body.get_content())
        assert "Critical (acknowledged by Anna)" in told
        assert "Start with <b>RDS</b> (service): +30.00 EUR." in told
        assert "Aws: a file is lost" in told
        assert told.count("checkout-monthly") <= 1  # an alert and its budget are told once
        assert "near: 85 % of the budget is spent" in told
        assert "calm" not in told
    assert "https://finops.example.com/alerts/0a1b" in str(mail)
