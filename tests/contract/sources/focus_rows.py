"""Lines of a bill as FOCUS rows, for the providers that deliver FOCUS."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl

from tests.contract.sources.place import ACCOUNT, Line
from tests.support.focus_frames import bill


def next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def focus_frame(month: date, lines: Sequence[Line]) -> pl.DataFrame:
    """A row for each line, with the month as billing period; every column is String."""
    rows = [
        {
            "BilledCost": str(line.cost),
            "EffectiveCost": str(line.cost),
            "ContractedCost": str(line.cost),
            "ListCost": str(line.cost),
            "BillingAccountId": ACCOUNT,
            "BillingPeriodStart": _moment(month),
            "BillingPeriodEnd": _moment(next_month(month)),
            "ChargePeriodStart": _moment(line.day),
            "ChargePeriodEnd": _moment(line.day + timedelta(days=1)),
            "ChargeClass": "Correction" if line.correction else None,
            "ServiceName": line.service,
        }
        for line in lines
    ]
    columns = bill(rows[0] if rows else {"ChargeClass": None, "ServiceName": None}).columns
    frame = bill(*rows) if rows else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    return frame.with_columns(pl.all().cast(pl.String))


def as_csv(frame: pl.DataFrame) -> bytes:
    return frame.write_csv().encode()


def as_csv_gz(frame: pl.DataFrame) -> bytes:
    return gzip.compress(as_csv(frame), mtime=0)


def as_parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def as_typed_parquet(frame: pl.DataFrame) -> bytes:
    """Doubles and timestamps in milliseconds without a zone, as AWS and Azure write them."""
    numbers = [name for name in frame.columns if name.endswith("Cost")]
    times = [name for name in frame.columns if name.endswith(("Start", "End"))]
    typed = frame.with_columns(
        pl.col(numbers).cast(pl.Float64),
        pl.col(times).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms"),
    )
    return as_parquet(typed)


def _moment(day: date) -> str:
    return f"{datetime(day.year, day.month, day.day, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"
