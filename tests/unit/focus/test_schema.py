"""The schema is the model's, and nothing of it is typed by hand."""

from __future__ import annotations

import json
from importlib.resources import files

import polars as pl
import pytest

from finops.focus.ai import AI_COLUMNS
from finops.focus.naming import focus_version
from finops.focus.schema import REQUIRED, SUCCESSORS, condition_columns, focus_columns, polars_schema

OF_1_0 = [name for name, column in focus_columns().items() if column.since <= "1.0"] + list(SUCCESSORS)


def introduced(version: str) -> list[str]:
    return [name for name, column in focus_columns().items() if column.since == version]


def test_it_has_the_model_s_columns_and_types() -> None:
    model = json.loads(files("finops.focus").joinpath("data/focus_1_4_model.json").read_text())
    columns = model["datasets"]["Cost and Usage"]["columns"]
    types = {
        "Decimal": pl.Decimal(38, 15),
        "Date/Time": pl.Datetime("us", "UTC"),
        "String": pl.String(),
        "JSON": pl.String(),
    }
    assert polars_schema() == {name: types[column["data_type"]] for name, column in columns.items()}
    assert len(polars_schema()) == 65


def test_what_is_required_is_mandatory_and_never_null_in_every_version() -> None:
    for name in REQUIRED:
        column = focus_columns()[name]
        assert (column.level, column.nullable, column.since <= "1.0") == ("Mandatory", False, True)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.4"])
def test_the_published_numbers_of_columns(version: str) -> None:
    """43, 50, 57, 65 and 65, as the specification's own changelogs count them."""
    own = {name for name, column in focus_columns().items() if column.since <= version}
    dropped = set(SUCCESSORS) if version < "1.4" else set()
    assert len(own | dropped) == {"1.0": 43, "1.1": 50, "1.2": 57, "1.3": 65, "1.4": 65}[version]


@pytest.mark.parametrize(
    ("columns", "version"),
    [
        (OF_1_0, "1.0"),
        ([*OF_1_0, "SkuMeter"], "1.1"),
        ([*OF_1_0, "SkuMeter", "InvoiceId"], "1.2"),
        ([*OF_1_0, "InvoiceId", *introduced("1.3")], "1.3"),
        ([*OF_1_0, "InvoiceDetailId"], "1.4"),
        ([name for name in OF_1_0 if name not in SUCCESSORS] + introduced("1.3"), "1.4"),
        (["BilledCost", "x_Anything"], "1.0"),
    ],
)
def test_the_version_shows_in_the_columns(columns: list[str], version: str) -> None:
    assert focus_version(columns) == version


def test_conditions_know_every_column_and_the_dropped_names() -> None:
    columns = condition_columns()
    assert columns.types["EffectiveCost"] == "number"
    assert columns.types["ChargePeriodStart"] == "time"
    assert columns.types["Tags"] == "json"
    assert columns.types["source"] == columns.types["SubAccountId"] == "text"
    assert set(columns.types) == {*polars_schema(), "source", "x_Principal", "x_PublisherName", *AI_COLUMNS}
    assert columns.aliases == {"ProviderName": "ServiceProviderName", "PublisherName": "x_PublisherName"}
    assert set(columns.aliases.values()) <= set(columns.types)
