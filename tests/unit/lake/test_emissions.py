"""Emissions: all of one source at a time, read by day with the dimensions that bills have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from finops.ports.emissions import EMISSIONS_SCHEMA
from finops.ports.lake import NewSeries
from tests.support.bills import lake, run


def emitted(*rows: tuple[date, date, str], **labels: str) -> pl.DataFrame:
    frame = pl.DataFrame(
        [(start, end, Decimal(grams)) for start, end, grams in rows],
        schema={name: EMISSIONS_SCHEMA[name] for name in ("start", "end", "grams")},
        orient="row",
    )
    texts = [name for name in EMISSIONS_SCHEMA if name not in frame.columns]
    return frame.with_columns(pl.lit(labels.get(name), pl.String).alias(name) for name in texts)


FEBRUARY = (date(2026, 2, 1), date(2026, 3, 1), "100")


def test_a_source_is_replaced_whole_and_alone(tmp_path: Path) -> None:
    own = lake(tmp_path)
    assert own.version().emissions is None
    assert own.replace_emissions([NewSeries("aws", emitted(FEBRUARY), "a")], run()) == 0
    assert own.replace_emissions([NewSeries("dc", emitted((date(2026, 2, 1), date(2026, 2, 2), "5")), "d")], run()) == 1
    assert own.replace_emissions([NewSeries("aws", emitted((*FEBRUARY[:2], "70")), "b")], run()) == 2
    assert own.replace_emissions([NewSeries("aws", emitted(), "b")], run()) is None
    assert (own.emissions_digest("aws"), own.emissions_digest("dc"), own.emissions_digest("azure")) == ("b", "d", None)
    found = own.at(own.version()).emissions().group_by("source").agg(pl.col("grams").sum()).sort("source").collect()
    assert found.rows() == [("aws", Decimal(70)), ("dc", Decimal(5))]


def test_a_month_is_spread_over_its_days_to_the_last_digit(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace_emissions([NewSeries("aws", emitted(FEBRUARY), "a")], run())
    days = own.at(own.version()).emissions().sort("day").collect()
    assert days["day"].to_list()[:: days.height - 1] == [date(2026, 2, 1), date(2026, 2, 28)]
    assert days.height == 28
    assert sum(days["grams"].to_list()) == Decimal(100)
    assert days["grams"][0] == Decimal("3.571428571428571")


def test_dimensions_come_from_labels_and_tags(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace_emissions(
        [NewSeries("aws", emitted(FEBRUARY, Tags='{"team":"search"}', ServiceName="EC2"), "a")], run()
    )
    row = own.at(own.version()).emissions().collect().row(0, named=True)
    assert (row["team"], row["ServiceName"], row["SubAccountId"]) == ("search", "EC2", None)


def test_an_older_version_has_what_was_known_then(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace_emissions([NewSeries("aws", emitted(FEBRUARY), "a")], run())
    before = own.version()
    own.replace_emissions([NewSeries("aws", emitted((*FEBRUARY[:2], "70")), "b")], run())
    assert sum(own.at(before).emissions().collect()["grams"].to_list()) == Decimal(100)
    assert {table.name for table in own.status()} == {"emissions"}
