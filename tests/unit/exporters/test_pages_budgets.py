"""The page of a year's budgets, and its workbook."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

from finops.model.budget_year import BudgetPlan, BudgetYear, PlannedMonth, Revised
from finops.model.period import Period, month_start
from tests.unit.exporters.pages_read import StillFacts, answer, html, read

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
AMOUNTS = [
    *(PlannedMonth(month_start(YEAR.start, at), Decimal(100), Decimal(100), Decimal(90), None) for at in range(2)),
    PlannedMonth(date(2026, 3, 1), Decimal(100), Decimal(120), Decimal(70), Decimal("140.5")),
    *(PlannedMonth(month_start(YEAR.start, at), Decimal(100), Decimal(100), None, None) for at in range(3, 12)),
]
CHECKOUT = BudgetPlan(
    "checkout", "anna", {"team": "<b>tills</b>"}, "product = 'shop'", "EffectiveCost", "EUR", "engineering",
    [Revised(date(2026, 3, 1), "cfo", "=1+1")], AMOUNTS, ["no forecast: 3 settled days of history, 14 are needed"],
)  # fmt: skip
WHOLE = replace(CHECKOUT, policy="engineering", group={}, scope="", parent="", revisions=[], notes=[])
FOUND = BudgetYear(
    YEAR, date(2026, 3, 20), [CHECKOUT, WHOLE], ["engineering, 2026-03: its parts add up to 120.00 EUR, …"],
    date(2026, 3, 19), ["Bills begin on 2025-11-01: what was spent before is not known"],
)  # fmt: skip


def test_a_budget_stands_before_its_parts_with_versions_and_variance() -> None:
    page = read(None, "/budgets?year=2026", StillFacts(planned=FOUND))
    assert "2 of 2 budgets are above plan in 2026." in page
    assert page.index("engineering anna") < page.index("Part: checkout")
    assert "cfo revised it from March 2026 on: =1+1." in page
    assert "March 2026 running 100.00 120.00 70.00 140.50 +20.50" in page
    assert "April 2026 100.00 100.00 – – –" in page  # what is to come and is not forecast is no zero
    assert "Variance to date +0.50 EUR" in page
    assert "its parts add up to 120.00 EUR" in page
    assert "Bills begin on" in page


def test_what_was_spent_leads_to_its_costs_and_names_are_text() -> None:
    page = html(None, "/budgets", StillFacts(planned=FOUND))
    assert "<b>tills</b>" not in page
    assert re.search(r'href="/costs\?from=2026-03-01&amp;to=2026-04-01[^"]*by=ServiceName[^"]*shop[^"]*tills', page)
    assert 'href="/policies/checkout?group=team%3D%3Cb%3Etills%3C%2Fb%3E"' in page


def test_a_year_that_is_none_is_named_and_no_budgets_say_what_to_do() -> None:
    wrong = answer(None, "/budgets?year=26", StillFacts(planned=FOUND))
    assert wrong.status == 422
    assert "is not a valid year" in wrong.body.decode()
    assert "finops policies import" in read(None, "/budgets", StillFacts(planned=replace(FOUND, plans=[])))


def test_the_workbook_has_the_year_by_month_and_no_formula() -> None:
    document = answer(None, "/budgets.xlsx?year=2026", StillFacts(planned=FOUND))
    with ZipFile(io.BytesIO(document.body)) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        sheets = "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
    assert names == ["Year", "Months", "Versions", "Notes"]
    assert "<f>" not in sheets
    assert "140.5" in sheets
    assert sheets.count("<pane ") == sheets.count("<autoFilter ") == 4
