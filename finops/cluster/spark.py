"""A Spark session, and tasks on it. The only module that imports pyspark."""

from __future__ import annotations

import math
import os
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import polars as pl
import structlog

from finops.cluster.task import OUTCOMES, error_in, from_text, give_outcomes, give_rows, own_version
from finops.cluster.types import as_arrow, spark_schema
from finops.deferred import narwhals as nw
from finops.errors import BadArguments, Unreachable
from finops.ports.engine import Task

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@contextmanager
def _pandas_may_be_newer() -> Iterator[None]:
    """PySpark asks for pandas, warns of a newer one than it knows, and hands nothing to it here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


with _pandas_may_be_newer():
    from pyspark import cloudpickle
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

log = structlog.get_logger("finops.engine")
T = TypeVar("T")
Give = Callable[..., Iterator[Any]]

_EXECUTORS_WITHIN_SECONDS = 300
_REACHED_WITHIN_SECONDS = 10
_SETTINGS = {
    "spark.app.name": "finops",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # an outcome that is too large is refused in words; one that does not fit into the heap would leave Spark waiting
    "spark.driver.memory": "4g",
    "spark.driver.maxResultSize": "1g",
    # money and days come out as they went in, whatever the cluster's own defaults
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


class SparkTasks:
    """``finops.ports.engine.Engine`` on a session of its own, which starts with the first task."""

    def __init__(self, master: str, options: Mapping[str, str]) -> None:
        self._master = master
        self._options = options
        self._session: SparkSession | None = None
        self._starting = threading.Lock()

    @property
    def width(self) -> int:
        return int(self._started().sparkContext.defaultParallelism)

    def frame(self, tasks: Sequence[Task], schema: pl.Schema) -> nw.LazyFrame[Any]:
        with self._failures():
            return nw.from_native(self._run(give_rows, tasks, schema))

    def lend(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        with self._failures():
            return nw.from_native(self._started().createDataFrame(as_arrow(frame)))

    def fetch(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        with self._failures():
            fetched: pl.DataFrame = frame.collect("polars").to_native()
        return fetched

    def takes(self, task: Callable[[], object]) -> bool:
        try:
            _pickled(task)
        except (TypeError, AttributeError, PicklingError) as error:
            log.info("it is a local source: it cannot be read by the cluster", reason=str(error))
            return False
        return True

    def each(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        with self._failures():
            found = pl.DataFrame(self._run(give_outcomes, tasks, OUTCOMES).toArrow()).sort("place")
        for error in found["error"].drop_nulls():
            raise from_text(error)
        return [cloudpickle.loads(outcome) for outcome in found["outcome"]]

    def _run(self, run: Callable[..., Iterator[Any]], tasks: Sequence[object], schema: pl.Schema) -> DataFrame:
        """``run`` on the workers, over the places of the tasks in their list; one partition a task."""
        session = self._started()
        pickled = session.sparkContext.broadcast([_pickled(task) for task in tasks])
        called = partial(run, tasks=pickled, version=own_version(), schema=schema)
        places = session.range(0, len(tasks), 1, len(tasks))
        return places.mapInArrow(called, spark_schema(schema))

    def close(self) -> None:
        if self._session is not None:
            self._session.stop()
            self._session = None

    def _started(self) -> SparkSession:
        """The session; a new one where the cluster has ended the last. Several threads may ask at once."""
        with self._starting:
            if self._session is not None and _is_over(self._session):
                log.warning("the Spark session has ended; starting another one", master=self._master)
                self.close()
            if self._session is None:
                log.info("starting a Spark session", master=self._master)
                _reach(self._master)
                with self._failures():
                    session = _session({**_SETTINGS, "spark.master": self._master, **self._options})
                    _wait_for_executors(session, self._master)
                self._session = session
            return self._session

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Every exception of Spark's as one of ours."""
        try:
            with _pandas_may_be_newer():
                yield
        except Exception as error:
            if not _is_sparks(error):
                raise
            told = error_in(str(error))
            if told is not None:
                raise told from error
            if "No module named 'finops'" in str(error):
                raise BadArguments(
                    "finops is not installed on the workers",
                    where=f"engine, {self._master}",
                    remedy="Install it there, and name its Python under options: as spark.pyspark.python",
                ) from error
            raise Unreachable(
                f"the cluster job failed: {_last_line(error)}",
                where=f"engine, {self._master}",
                remedy="Check the logs of the executors. If a result is too large, raise in options: "
                "spark.driver.memory and spark.driver.maxResultSize",
            ) from error


def _session(settings: Mapping[str, str]) -> SparkSession:
    builder = SparkSession.builder
    for key, value in settings.items():
        builder = builder.config(key, value)
    # a task is one thread of Spark's: Polars in it has as many as that task has cores
    cores = settings.get("spark.task.cpus", "1")
    session = builder.config("spark.executorEnv.POLARS_MAX_THREADS", cores).getOrCreate()
    # spark-submit reads the setting, a session that Python starts does not
    own = os.environ.get("PYSPARK_PYTHON", sys.executable)
    session.sparkContext.pythonExec = settings.get("spark.pyspark.python", own)
    return session


def _pickled(task: object) -> bytes:
    return bytes(cloudpickle.dumps(task))  # type: ignore[no-untyped-call] # PySpark's copy has no types


def _reach(master: str) -> None:
    """A dead master is noticed in seconds, not after Spark's own minute."""
    parts = urlsplit(master.partition(",")[0])
    if parts.scheme != "spark" or not parts.hostname:
        return
    try:
        socket.create_connection((parts.hostname, parts.port or 7077), _REACHED_WITHIN_SECONDS).close()
    except OSError as error:
        raise Unreachable(
            f"the Spark master does not respond ({error.strerror or error})",
            where=f"engine, {master}",
            remedy="Start it, or fix 'master:' in finops.yaml",
        ) from error


def _is_over(session: SparkSession) -> bool:
    scala: Any = session.sparkContext._jsc  # noqa: SLF001 - PySpark has no public way to ask; None after a stop
    return scala is None or bool(scala.sc().isStopped())


def _wait_for_executors(session: SparkSession, master: str) -> None:
    """Spark waits for ever where no worker has room: this says so instead."""
    if master.startswith("local"):
        return
    scala: Any = session.sparkContext._jsc.sc()  # noqa: SLF001 - PySpark has no public way to count executors
    for _ in range(math.ceil(_EXECUTORS_WITHIN_SECONDS / 0.2)):
        if scala.getExecutorMemoryStatus().size() > 1:  # the driver counts as one
            return
        time.sleep(0.2)
    session.stop()
    raise Unreachable(
        f"no executor was available within {_EXECUTORS_WITHIN_SECONDS} seconds",
        where=f"engine, {master}",
        remedy="Request less in 'options:' (spark.executor.memory, spark.executor.cores), or add workers",
    )


def _is_sparks(error: Exception) -> bool:
    return isinstance(error, PySparkException) or type(error).__module__.startswith(("py4j", "pyspark"))


def _last_line(error: Exception) -> str:
    """The cause behind all others, as far as Spark tells it."""
    lines = [line.strip(" \t:") for line in str(error).splitlines() if line.strip(" \t:")]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    faults = [line for line in lines if "Error" in line or "Exception" in line]
    return [*lines[:1], *faults[:1], *causes][-1][:300] if lines else "no reason"
