"""Rows of AWS's table CARBON_EMISSIONS -> rows of emissions.

Columns: https://docs.aws.amazon.com/cur/latest/userguide/carbon-emissions-columns.html; values in MTCO2e, metric
tons of CO2 equivalent. A row is a month: whether its end is the last day or the day after is not documented, so only
the start is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Literal

import polars as pl

from finops.collect.aws.bucket import StoredObject
from finops.collect.aws.manifest import Manifest
from finops.errors import RefusedBatch
from finops.model.mass import GRAMS
from finops.objectstore.unreadable import unreadable
from finops.ports.emissions import EMISSIONS_SCHEMA
from finops.ports.source import Part

# Manifests: ``metadata/model_version=v3.0.0/USAGE_PERIOD=YYYY-MM/<export>-Manifest.json``. When AWS improves a method,
# it recomputes months in the directory of the new version and keeps the old ones, so only the highest version of each
# month counts (https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-carbon-emissions.html).

_MONTH = re.compile(r"usage_period=(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])", re.IGNORECASE)
_VERSION = re.compile(r"model_version=v?(?P<numbers>\d+(?:\.\d+)*).*", re.IGNORECASE)

_Rank = tuple[tuple[int, ...], int, datetime]


def carbon_manifests(objects: Iterable[StoredObject], folder: str, export: str) -> list[Manifest]:
    """The manifest of each month under its highest model version, oldest month first.

    Of several in one partition (create-new delivery) the one nearest to the top counts, then the newest.
    """
    wanted = f"{export}-manifest.json".casefold()
    found: dict[date, tuple[_Rank, Manifest]] = {}
    for stored in objects:
        *partitions, name = stored.key.removeprefix(folder).split("/")
        months = [match for part in partitions if (match := _MONTH.fullmatch(part))]
        if name.casefold() != wanted or not months:
            continue
        manifest = Manifest(date(int(months[0]["year"]), int(months[0]["month"]), 1), stored)
        candidate = ((_version(partitions), -len(partitions), stored.modified_at), manifest)
        found[manifest.period] = max(found.get(manifest.period, candidate), candidate, key=lambda one: one[0])
    return [found[period][1] for period in sorted(found)]


def _version(partitions: Iterable[str]) -> tuple[int, ...]:
    for part in partitions:
        if match := _VERSION.fullmatch(part):
            return tuple(int(number) for number in match["numbers"].split("."))
    return ()


Method = Literal["market-based", "location-based"]

_COLUMNS: Mapping[Method, str] = {"market-based": "total_mbm_emissions", "location-based": "total_lbm_emissions"}
_START = "usage_period_start"
_UNIT = "MTCO2e"
_REMEDY = "Point the export at the table CARBON_EMISSIONS with all of its columns"


def carbon_rows(part: Part, method: Method) -> pl.DataFrame:
    """``EMISSIONS_SCHEMA``; a row without a value (nothing was estimated) is left out.

    Raises ``RefusedBatch`` for a file without the columns, with another unit, or with values that are none.
    """
    value, unit = f"{_COLUMNS[method]}_value", f"{_COLUMNS[method]}_unit"
    try:
        rows = part.open().collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(error, part.name) from error
    missing = [name for name in (value, unit, "usage_account_id", _START) if name not in rows.columns]
    if missing:
        raise RefusedBatch(f"columns missing: {', '.join(missing)}", where=part.name, remedy=_REMEDY)
    rows = rows.with_row_index("row", offset=1).filter(pl.col(value).cast(pl.String).fill_null("") != "")
    units = rows.filter(pl.col(unit).fill_null("") != _UNIT)
    if units.height:
        raise _fault(part, units["row"][0], unit, f"the unit '{units[unit][0]}' is not {_UNIT}")
    read = rows.with_columns(
        _month(_START).alias("start"),
        # by its text: a double says 15 digits, and their decimal is the exact one
        pl.col(value).cast(pl.String).str.to_lowercase().cast(pl.Decimal(38, 15), strict=False).alias("tons"),
    )
    for name, source in (("start", _START), ("tons", value)):
        bad = read.filter(pl.col(name).is_null())
        if bad.height:
            raise _fault(
                part,
                bad["row"][0],
                source,
                f"'{bad[source][0]}' is not a valid {'number' if name == 'tons' else 'date'}",
            )
    labels = {"SubAccountId": "usage_account_id", "ServiceName": "product_code", "RegionId": "region_code"}
    return read.select(
        "start",
        pl.col("start").dt.offset_by("1mo").alias("end"),
        (pl.col("tons") * pl.lit(GRAMS["t"])).cast(EMISSIONS_SCHEMA["grams"]).alias("grams"),
        pl.lit("AWS").alias("ServiceProviderName"),
        *(_text(read, source).alias(name) for name, source in labels.items()),
        pl.lit(None, pl.String).alias("SubAccountName"),
        pl.lit(None, pl.String).alias("Tags"),
    ).select(EMISSIONS_SCHEMA.names())


def _month(column: str) -> pl.Expr:
    """The first day of the month of dates, timestamps, and texts that start with a day."""
    return pl.col(column).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).dt.month_start()


def _text(frame: pl.DataFrame, column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String) if column in frame.columns else pl.lit(None, pl.String)


def _fault(part: Part, row: int, column: str, what: str) -> RefusedBatch:
    return RefusedBatch(what, where=f"{part.name}, row {row}, column {column}", remedy=_REMEDY)
