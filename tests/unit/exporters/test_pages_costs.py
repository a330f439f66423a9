"""The page Costs: its address is the view, and its numbers are those of the command line and of the API."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import escape
from urllib.parse import parse_qsl, urlsplit
from zipfile import ZipFile

import pytest

from finops.errors import BadArguments
from finops.model.cost_links import costs_behind
from finops.model.cost_question import Compare, Conversion, CostQuestion, Every
from finops.model.cost_report import CostReport, CostRow, CostTotal
from finops.model.cost_table import cost_document
from finops.model.data_version import DataVersion
from finops.model.finding import Driver
from finops.model.period import Period
from finops.model.policy import WrittenPolicy
from finops.ports.pages import PendingCosts
from finops_exporters.pages.costs import deeper, question_of
from tests.support.snapshots import budget
from tests.unit.exporters.pages_read import StillFacts, answer, html, of, text
from tests.unit.exporters.test_pages_verdict import CHANGE

OCTOBER, NOVEMBER = Period(date(2026, 10, 1), date(2026, 11, 1)), Period(date(2026, 11, 1), date(2026, 12, 1))
QUESTION = CostQuestion(
    NOVEMBER.start, NOVEMBER.end, ("team",), Every.ALL, scope="source = 'aws'", compare=Compare.MONTH
)


def report(**changes: object) -> CostReport:
    amounts = {"checkout": ("1234.5600000000000001", "1000"), "=ops": ("10", None), "": (None, "1")}
    totals = tuple(CostTotal((name,), "EUR", (_money(now),), (_money(then),)) for name, (now, then) in amounts.items())
    made = CostReport(
        question=QUESTION,
        period=NOVEMBER,
        compared_period=OCTOBER,
        by=("team",),
        currency="EUR",
        rows=tuple(
            CostRow(
                NOVEMBER, one.group, "EUR", one.amounts, provisional=True, compared_span=OCTOBER, compared=one.compared
            )
            for one in totals
        ),
        totals=totals,
        whole=(CostTotal((), "EUR", (None,), (None,)),),
        settled_through=date(2026, 11, 27),
        sources=(),
        version=DataVersion(),
        from_rows=False,
        notes=("no exchange rate from JPY",),
    )
    return replace(made, **changes)  # type: ignore[arg-type] # the test gives what the fields take


def _money(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


@pytest.mark.parametrize(
    "question",
    [
        CostQuestion(),
        QUESTION,
        CostQuestion(
            by=("team", "tags['a,b']"), every=Every.QUARTER, costs=("ListCost",), conversion=Conversion.BILLING
        ),
    ],
)
def test_an_address_says_the_whole_question(question: CostQuestion) -> None:
    parts = urlsplit(question.address)
    assert parts.path == "/costs"
    assert question_of(dict(parse_qsl(parts.query))) == question


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "yesterday"}, "from: 'yesterday' is not a valid date"),
        ({"every": "hour"}, "every: 'hour' is unknown"),
        ({"cost": "Cost"}, "Choose one of: EffectiveCost"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_form(query: dict[str, str], said: str) -> None:
    with pytest.raises(BadArguments, match=said):
        question_of(query)
    [(key, value)] = query.items()
    document = answer(None, f"/costs?{key}={value}", StillFacts(reported=report()))
    assert document.status == 422
    assert said in text(document.body.decode())


def test_unknown_amounts_are_dashes_and_the_note_says_why() -> None:
    seen = text(html(None, "/costs", StillFacts(reported=report())))
    assert "1,234.56" in seen
    assert "+234.56" in seen
    assert "(none) – – 1.00 –" in seen
    assert "No exchange rate from JPY." in seen
    assert "The total is unknown, November 2026" in seen


def test_the_files_of_a_view_have_every_digit_and_no_formula() -> None:
    facts = StillFacts(reported=report())
    made = answer(None, "/costs.csv", facts)
    rows = list(csv.DictReader(io.StringIO(made.body.decode())))
    assert [row["EffectiveCost"] for row in rows] == ["1234.5600000000000001", "10.00", ""]
    assert rows[1]["team"] == "'=ops"
    assert [row["compared_EffectiveCost"] for row in rows] == ["1000.00", "", "1.00"]
    document = cost_document(report())
    assert document["totals"][0]["costs"] == {"EffectiveCost": "1234.5600000000000001"}
    book = ZipFile(io.BytesIO(answer(None, "/costs.xlsx", facts).body))
    assert b"<f>" not in b"".join(book.read(name) for name in book.namelist() if "worksheets" in name)


def test_a_view_of_single_rows_announces_itself_and_reloads() -> None:
    page = html(None, "/costs", StillFacts(reported=PendingCosts(1_200_000, 8, 3, 13)))
    assert 'http-equiv="refresh"' in page
    assert "Summing 1,200,000 rows, about 8 seconds" in text(page)
    assert "3 of 13 billing months done" in text(page)


def test_a_group_leads_to_its_services_then_to_its_resources() -> None:
    below = deeper(QUESTION, ("team",), ("o'neill",))
    asked = question_of(dict(parse_qsl(urlsplit(below).query)))
    assert (asked.by, asked.scope) == (("ServiceName",), "(source = 'aws') AND (team = 'o''neill')")
    assert (asked.start, asked.end, asked.compare) == (QUESTION.start, QUESTION.end, QUESTION.compare)
    resources = question_of(
        dict(parse_qsl(urlsplit(deeper(asked, ("SubAccountId", "SubAccountName"), ("1", ""))).query))
    )
    assert resources.by == ("ResourceId", "ResourceName")
    assert resources.scope.endswith("AND ((SubAccountName IS NULL OR SubAccountName = ''))")
    assert deeper(asked, ("ResourceId", "ResourceName"), ("a", "b")) == ""


def test_an_empty_view_says_what_to_do() -> None:
    nothing = report(totals=(), rows=(), whole=())
    assert "Sources shows how far each one reaches" in text(html(None, "/costs", StillFacts(reported=nothing)))


def test_a_verdict_and_each_driver_lead_to_the_costs_behind_them() -> None:
    drivers = (Driver("ServiceName", "Amazon RDS", Decimal(900)), Driver("ResourceId", "db-1", Decimal(800), name="db"))
    policy = WrittenPolicy(
        "a", "Budget", "me", "", "", "a.yaml", 1, "", scope="ServiceName <> 'Tax'", cost="BilledCost"
    )
    found = replace(budget("a", group={"team": "o'neill"}), drivers=drivers, change=CHANGE)
    ways = [costs_behind(found, policy), *(costs_behind(found, policy, one) for one in drivers)]
    asked = [question_of(dict(parse_qsl(urlsplit(way).query))) for way in ways]
    group = "(ServiceName <> 'Tax') AND (team = 'o''neill')"
    assert [one.scope for one in asked] == [
        group,
        f"{group} AND (ServiceName = 'Amazon RDS')",
        f"{group} AND (ResourceId = 'db-1')",
    ]
    assert [one.by for one in asked] == [("ServiceName",), ("ResourceId", "ResourceName"), ("ServiceName", "SkuId")]
    assert {one.costs for one in asked} == {("BilledCost",)}
    assert asked[0].start == found.period.start
    assert (asked[1].start, asked[1].end) == (CHANGE.after.start, CHANGE.after.end)
    page = html(replace(of(found), policies=(policy,)), found.page)
    for way in ways:
        assert f'href="{escape(way)}"' in page


def test_a_verdict_without_a_known_policy_leads_nowhere() -> None:
    found = replace(budget("a"), change=CHANGE)
    old = WrittenPolicy("a", "Budget", "me", "", "", "a.yaml", 1, "")
    assert (costs_behind(found, None), costs_behind(found, old)) == ("", "")


def test_bars_tell_123_percent_from_190() -> None:
    def bar(spent: str) -> list[str]:
        found = budget("a", spent=spent, limit="100")
        page = html(of(found), found.page)
        return re.findall(r'<rect class="fill[^>]*width="([\d.]+)"', page)

    assert bar("80") == ["80.00"]
    assert bar("123") == ["81.30", "18.70"]
    assert bar("190") == ["52.63", "47.37"]
