"""What a worker does with a task, and how errors find their way back."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

import polars as pl
import pyarrow as pa
import pytest

from finops.cluster.task import OUTCOMES, error_in, from_text, give_outcomes, give_rows, own_version
from finops.errors import BadArguments, RefusedBatch

SCHEMA = pl.Schema({"name": pl.String(), "day": pl.Date(), "cost": pl.Decimal(38, 15), "rows": pl.Int64()})
PLACES = [pa.record_batch({"id": pa.array([0, 1])})]


@dataclass(frozen=True)
class Sent:
    """What Spark's broadcast is on a worker."""

    value: list[bytes]


def sent(*tasks: object) -> Sent:
    return Sent([pickle.dumps(task) for task in tasks])


def frame(cost: str, name: str | None = None) -> pl.DataFrame:
    return pl.DataFrame([(name, date(2026, 3, 1), Decimal(cost), 1)], schema=SCHEMA, orient="row")


def refuse() -> pl.DataFrame:
    raise RefusedBatch("a row contradicts itself", where="bill.csv, row 7", remedy="Export it again")


def test_rows_keep_every_digit_and_null() -> None:
    tasks = sent(partial(frame, "0.000000000000001"), partial(frame, "-12345678901234567890123.5", "é"))
    batches = give_rows(PLACES, tasks=tasks, version=own_version(), schema=SCHEMA)
    found = pl.DataFrame(pa.Table.from_batches(batches))
    assert found.rows() == [*frame("0.000000000000001").rows(), *frame("-12345678901234567890123.5", "é").rows()]
    assert found.schema == SCHEMA


def test_an_error_of_ours_is_an_outcome_and_keeps_its_place() -> None:
    tasks = sent(refuse, partial(str, 5))
    batches = give_outcomes(PLACES, tasks=tasks, version=own_version(), schema=OUTCOMES)
    first, second = pl.DataFrame(pa.Table.from_batches(batches)).sort("place").rows()
    assert str(from_text(first[2])) == "bill.csv, row 7: a row contradicts itself. Export it again"
    assert isinstance(from_text(first[2]), RefusedBatch)
    assert (pickle.loads(second[1]), second[2]) == ("5", None)


def test_an_error_is_found_in_the_traceback_that_spark_shows() -> None:
    with pytest.raises(RuntimeError) as raised:
        list(give_rows(PLACES, tasks=sent(refuse, refuse), version=own_version(), schema=SCHEMA))
    assert isinstance(error_in(f"Job aborted\nTraceback …\n{raised.value}\n\tat org.apache"), RefusedBatch)
    assert error_in("Job aborted: lost an executor") is None


def test_another_version_of_finops_computes_nothing() -> None:
    with pytest.raises(RuntimeError) as raised:
        list(give_rows(PLACES, tasks=sent(refuse, refuse), version="0.0.0", schema=SCHEMA))
    error = error_in(str(raised.value))
    assert isinstance(error, BadArguments)
    assert "the service has 0.0.0" in str(error)
