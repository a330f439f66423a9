"""What columns can be compared with, and what they are compared with in vain."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from textwrap import dedent

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.app.evaluation.preview import threshold_for, times_beyond
from finops.app.policies.check import doubtful
from finops.app.values import KnownValues, Unmatched, resembling, unmatched, values_of, warnings_of
from finops.errors import BadArguments
from finops.lake import InMemoryLakeView
from finops.model.rates import NO_RATES
from tests.support.lake_view import COLUMNS, policies

TODAY = date(2026, 3, 20)


def view(*rows: tuple[date, str, str, int]) -> InMemoryLakeView:
    costs = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
    frame = [
        {"day": day, "source": "aws", "ServiceName": service, "Tags": '{"env":"prod"}', "ResourceId": f"r-{service}"}
        | {"BillingCurrency": currency, **dict.fromkeys(costs, Decimal(cost))}
        for day, service, currency, cost in rows
    ]
    return InMemoryLakeView(pl.DataFrame(frame, schema_overrides=dict.fromkeys(costs, pl.Decimal(38, 15))))


LAKE = view(
    (TODAY, "Amazon Elastic Compute Cloud", "EUR", 60),
    (date(2026, 3, 1), "Amazon CloudFront", "EUR", 40),
    (date(2025, 3, 1), "Amazon Simple Storage Service", "EUR", 1000),
)


@pytest.mark.parametrize("name", ["ServiceName", "ResourceId", "tags['env']"])
def test_values_have_shares_of_the_newest_days(name: str) -> None:
    found = values_of(LAKE, name, COLUMNS, today=TODAY, currency="EUR", rates=NO_RATES)
    assert (found.first, found.last) == (date(2026, 2, 19), TODAY)
    assert sum(one.share or 0 for one in found.values) == pytest.approx(1)
    assert len(found.values) == (1 if name.startswith("tags") else 2)


def test_a_missing_rate_makes_no_share() -> None:
    lake = view((TODAY, "a", "EUR", 1), (TODAY, "b", "USD", 1))
    found = values_of(lake, "ServiceName", COLUMNS, today=TODAY, currency="EUR", rates=NO_RATES)
    assert [(one.text, one.share) for one in found.values] == [("a", None), ("b", None)]


def test_like_ignores_case_and_keeps_shares() -> None:
    (one,) = values_of(LAKE, "ServiceName", COLUMNS, today=TODAY, currency="EUR", rates=NO_RATES, like="FRONT").values
    assert (one.text, one.share) == ("Amazon CloudFront", 0.4)


def test_an_unknown_column_is_an_error() -> None:
    with pytest.raises(BadArguments, match="unknown column 'ServiceNam'"):
        values_of(LAKE, "ServiceNam", COLUMNS, today=TODAY, currency="EUR", rates=NO_RATES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("AmazonEC2", "Amazon Elastic Compute Cloud"),
        ("AmazonS3", "Amazon Simple Storage Service"),
        ("AmazonRDS", "Amazon Relational Database Service"),
        ("amazon cloudfront", "Amazon CloudFront"),
        ("Amazon CloudFrnt", "Amazon CloudFront"),
        ("Virtual Machine", "Virtual Machines"),
        ("xyz", None),
    ],
)
def test_initials_and_misspellings_find_the_value(typed: str, meant: str | None) -> None:
    services = {"Elastic Compute Cloud", "Simple Storage Service", "Relational Database Service", "CloudFront"}
    assert resembling(typed, frozenset({"Virtual Machines", *(f"Amazon {name}" for name in services)})) == meant


@given(st.text(), st.frozensets(st.text()))
def test_a_suggestion_is_a_value(typed: str, values: frozenset[str]) -> None:
    assert resembling(typed, values) in {None, *values}


def test_a_value_without_a_row_is_named_where_it_stands() -> None:
    (written,) = policies(
        dedent("""\
        apiVersion: finops/v1
        kind: Budget
        metadata: {name: b, owner: o}
        spec:
          scope: ServiceName IN ('Amazon CloudFront', 'AmazonEC2') AND ChargeCategory <> 'Tax'
          period: month
          amount: 10 EUR
          alerts: [{when: spent > 80%, severity: info}]
        """)
    )
    (warning,) = unmatched([written], KnownValues(LAKE))
    assert str(warning).endswith(
        ":5:47: no row has ServiceName 'AmazonEC2'. Did you mean 'Amazon Elastic Compute Cloud'?"
    )
    assert unmatched([written], KnownValues(InMemoryLakeView.empty())) == [], "an empty lake says nothing"


def test_values_of_providers_that_deliver_nothing_are_named_once_a_file() -> None:
    strange = [Unmatched("a.yaml", (line, 1), "team", name, "") for line, name in enumerate("abcda", 1)]
    likely = Unmatched("a.yaml", (9, 1), "team", "chekout", "checkout")
    alone = Unmatched("b.yaml", (2, 3), "team", "x", "")
    assert warnings_of([*strange, likely, alone], each=False) == [
        "a.yaml:9:1: no row has team 'chekout'. Did you mean 'checkout'?",
        "a.yaml: no row has 4 values of its scopes: team 'a', team 'b', team 'c', …. -v lists each",
        "b.yaml:2:3: no row has team 'x'. List them: finops values team",
    ]
    assert len(warnings_of([*strange, likely, alone], each=True)) == 7


NUMBERS = st.lists(st.none() | st.sampled_from([float(number) for number in range(9)]), max_size=30)


@given(NUMBERS, st.booleans())
def test_a_proposed_threshold_is_passed_as_often_as_it_says(values: list[float | None], upward: bool) -> None:
    possible = {times_beyond(values, one, upward=upward) for one in values if one is not None}
    for times in possible:
        proposed = threshold_for(values, times, upward=upward)
        assert proposed is not None
        assert times_beyond(values, proposed, upward=upward) == times


@pytest.mark.parametrize(("when", "line"), [("elasticity > 1.2", "> 20%"), ("elasticity < 0.8", "< -20%")])
def test_elasticity_alone_is_warned_of_with_the_line_to_add(when: str, line: str) -> None:
    text = dedent(f"""\
        apiVersion: finops/v1
        kind: Growth
        metadata: {{name: g, owner: o}}
        spec:
          demand: orders
          alerts:
            - {{when: {when}, severity: info}}
        """)
    (warning,) = doubtful(policies(text))
    added = f"- {{when: excess_growth {line}, severity: info}}"

    assert str(warning).endswith(
        f":6:3: elasticity alone is unknown whenever demand falls, stands still or is noisy. Add the line '{added}'"
    )
    assert doubtful(policies(f"{text}    {added}\n")) == []
