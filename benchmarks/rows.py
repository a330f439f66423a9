"""Synthetic FOCUS rows of one month, as AWS Data Exports sends them: the same rows whatever files they are cut into.

43 FOCUS 1.0 columns and 3 of the provider's own, 200 accounts, 80 services, 200,000 resources used unevenly (the first
percent of them has a fifth of the rows), hourly charge periods, tags as a map (JSON text in CSV), amounts as doubles.

    python -m benchmarks.rows --rows 10000000 --layout parquet-5 --layout csv-20
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

DATA = Path(__file__).parent / "data"
ACCOUNTS, SERVICES, RESOURCES, REGIONS = 200, 80, 200_000, 12
TEAMS, PRODUCTS = 40, 60
MONTH = datetime(2026, 9, 1, tzinfo=UTC)
MONTH_END = datetime(2026, 10, 1, tzinfo=UTC)
HOURS = 720
CHUNK_ROWS = 250_000

_CATEGORIES = ("Compute", "Storage", "Databases", "Networking", "Analytics", "Integration", "Security", "Other")
_MAP = pl.Map(pl.String, pl.String)
_CREDIT_RATIO, _COVERED_RATIO = 0.002, 0.3
"""Rows that are credits; rows of compute services that a savings plan covers."""


def folder_of(rows: int, layout: str) -> Path:
    """``layout``: ``parquet-N`` or ``csv-N``, N files."""
    return DATA / f"{rows}-{layout}"


def ensure(rows: int, layout: str) -> Path:
    """The folder with these rows in this layout, written when it is not there yet."""
    form, _, count = layout.partition("-")
    return filled(folder_of(rows, layout), rows, int(count), chunk, _write_parquet if form == "parquet" else _write_csv)


def filled(
    folder: Path,
    rows: int,
    count: int,
    make: Callable[[pl.DataFrame, int, int], pl.DataFrame],
    write: Callable[[Path, Iterator[pl.DataFrame]], None],
) -> Path:
    """``folder`` with ``count`` files of equal size, written when it is not there yet.

    ``make``: resources, the first row and the one behind the last -> these rows. ``write``: a file, whose path lacks
    its suffix, from such frames.
    """
    if folder.exists():
        return folder
    started = time.perf_counter()
    aside = folder.with_name(f"{folder.name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    per_file = math.ceil(rows / count)
    resources = _resources()
    for number, first in enumerate(range(0, rows, per_file)):
        last = min(rows, first + per_file)
        chunks = (make(resources, at, min(last, at + CHUNK_ROWS)) for at in range(first, last, CHUNK_ROWS))
        write(aside / f"part-{number:05}", chunks)
    aside.rename(folder)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder.name}: {size / 1e6:,.0f} MB in {count} files, {time.perf_counter() - started:.0f} s", flush=True)
    return folder


def chunk(resources: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """The rows ``first`` up to, not including, ``last``."""
    row = pl.int_range(first, last, dtype=pl.Int64, eager=True).alias("row")
    draws = pl.DataFrame({"row": row}).select(
        (_draw("row", 1).pow(3) * RESOURCES).cast(pl.Int64).alias("resource"),
        (_draw("row", 2) * HOURS).cast(pl.Int64).alias("hour"),
        ((1 / (1.0005 - _draw("row", 3)) - 0.99) * 3).round(4).alias("PricingQuantity"),
        (_draw("row", 4) < _COVERED_RATIO).alias("lucky"),
        (_draw("row", 5) < _CREDIT_RATIO).alias("credit"),
    )
    frame = draws.join(resources, on="resource", how="left", maintain_order="left")
    credit = pl.col("credit")
    covered = pl.col("lucky") & (pl.col("ServiceCategory") == _CATEGORIES[0])
    list_cost = (pl.col("ListUnitPrice") * pl.col("PricingQuantity")).round(10)
    contracted = (pl.col("ContractedUnitPrice") * pl.col("PricingQuantity")).round(10)
    sign = pl.when(credit).then(-1.0).otherwise(1.0)
    start = pl.lit(MONTH.replace(tzinfo=None)).cast(pl.Datetime("ms")) + pl.duration(hours=pl.col("hour"))
    plan = pl.when(covered)
    return frame.with_columns(
        (contracted * sign * pl.when(covered).then(0.0).otherwise(1.0)).alias("BilledCost"),
        (contracted * sign * pl.when(covered).then(0.7).otherwise(1.0)).round(10).alias("EffectiveCost"),
        (list_cost * sign).alias("ListCost"),
        (contracted * sign).alias("ContractedCost"),
        pl.col("PricingQuantity").alias("ConsumedQuantity"),
        start.alias("ChargePeriodStart"),
        (start + pl.duration(hours=1)).alias("ChargePeriodEnd"),
        pl.lit(MONTH.replace(tzinfo=None)).cast(pl.Datetime("ms")).alias("BillingPeriodStart"),
        pl.lit(MONTH_END.replace(tzinfo=None)).cast(pl.Datetime("ms")).alias("BillingPeriodEnd"),
        pl.when(credit).then(pl.lit("Credit")).otherwise(pl.lit("Usage")).alias("ChargeCategory"),
        pl.when(credit).then(pl.lit("One-Time")).otherwise(pl.lit("Usage-Based")).alias("ChargeFrequency"),
        plan.then(pl.lit("Committed")).otherwise(pl.lit("Standard")).alias("PricingCategory"),
        plan.then(pl.lit("Spend")).alias("CommitmentDiscountCategory"),
        plan.then(pl.lit("arn:aws:savingsplans::910273645518:savingsplan/1")).alias("CommitmentDiscountId"),
        plan.then(pl.lit("Used")).alias("CommitmentDiscountStatus"),
        plan.then(pl.lit("Savings Plan")).alias("CommitmentDiscountType"),
        *[pl.lit(None, pl.String).alias(name) for name in ("ChargeClass", "CommitmentDiscountName", "ResourceName")],
        *[
            pl.lit(value).alias(name)
            for name, value in {
                "BillingAccountId": "910273645518",
                "BillingAccountName": "Benchmark",
                "BillingCurrency": "USD",
                "InvoiceIssuerName": "Amazon Web Services, Inc.",
                "ProviderName": "AWS",
                "PublisherName": "Amazon Web Services, Inc.",
                "x_Operation": "Usage",
            }.items()
        ],
    ).drop("resource", "hour", "lucky", "credit")


def _resources() -> pl.DataFrame:
    """One row for each resource with everything that follows from it."""
    index = pl.DataFrame({"resource": pl.int_range(RESOURCES, dtype=pl.Int64, eager=True)})
    picked = index.with_columns(
        (_draw("resource", 11).pow(2) * ACCOUNTS).cast(pl.Int64).alias("account"),
        (_draw("resource", 12).pow(2) * SERVICES).cast(pl.Int64).alias("service"),
        (_draw("resource", 14) * 4).cast(pl.Int64).alias("variant"),
        (_draw("resource", 17) < 0.85).alias("tagged"),
    )
    picked = picked.with_columns(
        ((pl.col("service") + (_draw("resource", 13) * 4).cast(pl.Int64)) % REGIONS).alias("region"),
        ((_draw("service", 16) + _draw("variant", 18)) * 2 + 0.0005).round(4).alias("ListUnitPrice"),
        ((pl.col("account") + (_draw("resource", 15) * 2).cast(pl.Int64)) % PRODUCTS).alias("product"),
        (pl.col("account") % 3).alias("environment"),
    )
    service, region = pl.format("Service {}", pl.col("service")), pl.format("region-{}", pl.col("region"))
    sku = pl.format("SKU{}V{}", pl.col("service"), pl.col("variant"))
    return picked.select(
        "resource",
        "ListUnitPrice",
        (pl.col("ListUnitPrice") * 0.94).round(8).alias("ContractedUnitPrice"),
        pl.format("{}a", region).alias("AvailabilityZone"),
        pl.format("Usage of {} in {}, tier {}", service, region, pl.col("variant")).alias("ChargeDescription"),
        pl.lit("Hours").alias("ConsumedUnit"),
        pl.lit("Hours").alias("PricingUnit"),
        region.alias("RegionId"),
        pl.format("Region {}", pl.col("region")).alias("RegionName"),
        pl.format("arn:aws:s{}:{}:{}:resource/{}", "service", region, "account", "resource").alias("ResourceId"),
        pl.format("type-{}", pl.col("service")).alias("ResourceType"),
        (pl.col("service") % len(_CATEGORIES))
        .replace_strict(dict(enumerate(_CATEGORIES)), return_dtype=pl.String)
        .alias("ServiceCategory"),
        service.alias("ServiceName"),
        sku.alias("SkuId"),
        pl.format("{}.JRTCKXETXF", sku).alias("SkuPriceId"),
        (pl.col("account") + 100_000_000_000).cast(pl.String).alias("SubAccountId"),
        pl.format("account-{}", pl.col("account")).alias("SubAccountName"),
        pl.format("Code{}", pl.col("service")).alias("x_ServiceCode"),
        pl.format("Usage:{}", sku).alias("x_UsageType"),
        *_tags(picked),
    )


def _tags(picked: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """As map and as JSON text; an account has one team for most of its resources, and another for some."""
    environments = ("prod", "staging", "dev")
    tags = [
        {
            "environment": environments[environment],
            "product": f"product-{product}",
            "team": f"team-{(account + (variant == 3)) % TEAMS}",
        }
        if tagged
        else None
        for account, variant, product, environment, tagged in picked.select(
            "account", "variant", "product", "environment", "tagged"
        ).iter_rows()
    ]
    entries = [[{"key": key, "value": value} for key, value in of.items()] if of else None for of in tags]
    as_list = pl.Series("Tags", entries, dtype=pl.List(pl.Struct({"key": pl.String, "value": pl.String})))
    return as_list.cast(_MAP), pl.Series("tags_text", [json.dumps(of) if of else None for of in tags], dtype=pl.String)


def _draw(column: str, salt: int) -> pl.Expr:
    """A number in [0, 1) that looks random and follows from the row: no generator's state, any chunk by itself."""
    wave = (pl.col(column).cast(pl.Float64) * 12.9898 + salt * 78.233).sin() * 43758.5453123
    return wave - wave.floor()


def _write_parquet(path: Path, chunks: Iterator[pl.DataFrame]) -> None:
    write_parquet(path, (frame.select(sorted(frame.columns)) for frame in chunks), compression="zstd")


def _write_csv(path: Path, chunks: Iterator[pl.DataFrame]) -> None:
    write_csv(path, (frame.select(sorted(frame.columns)) for frame in chunks), tags="Tags")


def write_parquet(path: Path, chunks: Iterator[pl.DataFrame], *, compression: str) -> None:
    """Frames with their tags twice, as ``tags_text`` too, which is left out."""
    writer: pq.ParquetWriter | None = None
    for frame in chunks:
        table = frame.drop("tags_text").to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(f"{path}.parquet", table.schema, compression=compression)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def write_csv(
    path: Path, chunks: Iterator[pl.DataFrame], *, tags: str, heading: Callable[[str], str] = lambda name: name
) -> None:
    """The same, with ``tags_text`` in the column ``tags``. ``heading``: what a column is called in the file."""
    with gzip.GzipFile(f"{path}.csv.gz", "wb", compresslevel=4, mtime=0) as file:
        for number, frame in enumerate(chunks):
            flat = frame.with_columns(
                pl.col("tags_text").alias(tags), pl.selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%SZ")
            ).drop("tags_text")
            if not number:
                file.write(f"{','.join(heading(name) for name in flat.columns)}\n".encode())
            file.write(flat.write_csv(include_header=False).encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--layout", action="append", help="parquet-N or csv-N: N files of equal size")
    arguments = parser.parse_args()
    for layout in arguments.layout or ["parquet-5"]:
        ensure(arguments.rows, layout)


if __name__ == "__main__":
    main()
