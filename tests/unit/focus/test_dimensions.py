"""Our own columns from tags, conditions and fallbacks."""

from __future__ import annotations

import json

import polars as pl
import pytest

from finops.conditions import ConditionFaults
from finops.focus.dimensions import Dimensions
from finops.focus.schema import condition_columns
from finops.model.dimension import Dimension, Else, FromTags, Step, When

ROWS = pl.DataFrame(
    {
        "Tags": [
            json.dumps(tags) if tags else None
            for tags in (
                {"team": "checkout"},
                {"Team": "search", "team": "  "},
                {"team": "", "owner": "ops"},
                {"a.b": "dotted", "it's": "quoted", "two words": "spaced"},
                {"team": None, "count": 7},
                None,
            )
        ],
        "SubAccountId": ["1", "2", "3", "4", "012", "6"],
        "ServiceProviderName": ["AWS", "AWS", "AWS", "Microsoft", "Microsoft", None],
    }
)


def values(*steps: Step) -> list[str | None]:
    dimensions = Dimensions([Dimension("made", steps)], condition_columns())
    frame = ROWS.select(sorted(dimensions.required_columns)) if dimensions.required_columns else ROWS
    found = frame.with_columns(dimensions.expressions())["made"]
    assert found.dtype == pl.String
    return found.to_list()


def test_the_first_tag_that_is_set_and_not_blank_wins() -> None:
    found = values(FromTags(("team", "Team", "owner")), Else("unallocated"))
    assert found == ["checkout", "search", "ops", "unallocated", "unallocated", "unallocated"]


def test_without_else_what_is_left_is_null() -> None:
    assert values(FromTags(("team",))) == ["checkout", None, None, None, None, None]


@pytest.mark.parametrize(("key", "value"), [("a.b", "dotted"), ("it's", "quoted"), ("two words", "spaced")])
def test_keys_with_odd_characters(key: str, value: str) -> None:
    assert values(FromTags((key,)))[3] == value


def test_numbers_are_text() -> None:
    assert values(FromTags(("count",)))[4] == "7"


def test_conditions_come_in_their_turn() -> None:
    by_account = When("SubAccountId = '012'", "platform")
    found = values(by_account, FromTags(("team",)), When("ProviderName = 'AWS'", "aws"), Else("rest"))
    assert found == ["checkout", "aws", "aws", "rest", "platform", "rest"]


def test_a_condition_may_name_tags() -> None:
    assert values(When("tags['team'] = 'checkout'", "shop"), Else("rest"))[:2] == ["shop", "rest"]


def test_required_columns_are_successors() -> None:
    made = Dimensions([Dimension("made", (When("ProviderName = 'AWS'", "a"),))], condition_columns())
    assert made.required_columns == {"ServiceProviderName"}


def test_the_digest_is_the_definition_s() -> None:
    def digest(*definitions: Dimension) -> str:
        return Dimensions(definitions, condition_columns()).digest

    team = Dimension("team", (FromTags(("team",)),))
    others = [
        Dimension("team", (FromTags(("Team",)),)),
        Dimension("squad", (FromTags(("team",)),)),
        Dimension("team", (FromTags(("team",)), Else("x"))),
        Dimension("team", (Else("team"),)),
    ]
    assert digest(team) == digest(Dimension("team", (FromTags(("team",)),)))
    assert len({digest(team), digest(), *(digest(other) for other in others)}) == 6


def test_names_keep_their_order() -> None:
    made = Dimensions([Dimension("b", (Else("1"),)), Dimension("a", (Else("2"),))], condition_columns())
    assert made.names == ("b", "a")
    assert ROWS.select(made.expressions()).columns == ["b", "a"]


def test_a_bad_condition_raises() -> None:
    with pytest.raises(ConditionFaults):
        Dimensions([Dimension("a", (When("Nothing = 1", "x"),))], condition_columns())
