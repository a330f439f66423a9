"""What runs on a worker: a pickled task, its own version check, and errors that find their way back."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Iterator
from importlib.metadata import version as version_of
from typing import Protocol

import polars as pl

from finops import errors
from finops.cluster.types import as_arrow
from finops.deferred import pyarrow as pa
from finops.errors import FinopsError

_BEGIN, _END = "finops-error<", ">finops-error"
_ROWS_IN_A_BATCH = 65_536


class Broadcast(Protocol):
    """Spark's: the same value on every worker."""

    @property
    def value(self) -> list[bytes]: ...


OUTCOMES = pl.Schema({"place": pl.Int64(), "outcome": pl.Binary(), "error": pl.String()})
"""What ``give_outcomes`` gives: the place of a task, what it returned (pickled), or the error that it met."""


def give_rows(
    batches: Iterable[pa.RecordBatch], *, tasks: Broadcast, version: str, schema: pl.Schema
) -> Iterator[pa.RecordBatch]:
    """For ``DataFrame.mapInArrow``: the first column of ``batches`` holds places of tasks; their frames go out."""
    _same_version(version)
    for place in _places(batches):
        try:
            frame = pickle.loads(tasks.value[place])()  # noqa: S301 - written by this program's own driver
        except FinopsError as error:
            raise RuntimeError(f"{_BEGIN}{_as_text(error)}{_END}") from error
        yield from _out(frame, schema)


def give_outcomes(
    batches: Iterable[pa.RecordBatch], *, tasks: Broadcast, version: str, schema: pl.Schema
) -> Iterator[pa.RecordBatch]:
    """The same, with ``OUTCOMES`` going out: an error of ours is an outcome, not a reason to try again."""
    _same_version(version)
    for place in _places(batches):
        outcome, told = None, None
        try:
            outcome = pickle.dumps(pickle.loads(tasks.value[place])())  # noqa: S301 - as above
        except FinopsError as error:
            told = _as_text(error)
        yield from _out(pl.DataFrame([(place, outcome, told)], schema=schema, orient="row"), schema)


def _places(batches: Iterable[pa.RecordBatch]) -> Iterator[int]:
    for batch in batches:
        yield from batch.column(0).to_pylist()


def _out(frame: pl.DataFrame, schema: pl.Schema) -> Iterator[pa.RecordBatch]:
    yield from as_arrow(frame.select(schema.names())).to_batches(max_chunksize=_ROWS_IN_A_BATCH)


def error_in(text: str) -> FinopsError | None:
    """The ``FinopsError`` that a worker told in ``text`` (a traceback of Spark's), if there is one."""
    _, found, rest = text.partition(_BEGIN)
    return from_text(rest.partition(_END)[0]) if found else None


def from_text(text: str) -> FinopsError:
    name, what, where, remedy = json.loads(text)
    return getattr(errors, name)(what, where=where, remedy=remedy)  # type: ignore[no-any-return] # the names are those of the tree


def _as_text(error: FinopsError) -> str:
    own = type(error).__name__
    name = own if own in errors.__all__ and own != "Malformed" else "BrokenStore"
    return json.dumps([name, error.what, error.where, error.remedy])


def own_version() -> str:
    return version_of("finops-verdict")


def _same_version(version: str) -> None:
    """Another version of finops may compute otherwise: its numbers are not taken."""
    if version != own_version():
        error = errors.BadArguments(
            f"the workers have finops {own_version()}, the service has {version}",
            where="engine",
            remedy="Install the same version on the workers, or name it in spark.pyspark.python",
        )
        raise RuntimeError(f"{_BEGIN}{_as_text(error)}{_END}")
