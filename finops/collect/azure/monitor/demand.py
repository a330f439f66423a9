"""Demand kind ``azure-monitor``."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel

from finops.collect.azure.identity import EntraCredential
from finops.collect.azure.monitor.ask import Metric, Metrics, spans
from finops.collect.azure.monitor.options import AzureMonitorDemandOptions
from finops.collect.azure.patience import Wait
from finops.collect.demand.series import DAY, VALUE, OnceADay, same_definition, series_digest, series_frame
from finops.errors import FinopsError, RefusedBatch
from finops.model.money import quantise
from finops.model.wording import count_text
from finops.ports.clock import Clock
from finops.ports.source import Check, DemandDelivery


class AzureMonitorDemand:
    """One series: a metric of a resource by UTC day.

    Today has not ended and is never asked for. Each reading asks for all days that Azure keeps again, so that samples
    that came late correct their days; what Azure has forgotten stays as the lake has it. A day without a sample is
    missing, not zero.
    """

    kind: ClassVar[str] = "azure-monitor"
    Options: ClassVar[type[BaseModel]] = AzureMonitorDemandOptions

    def __init__(
        self, name: str, options: AzureMonitorDemandOptions, *, base: Path, clock: Clock, wait: Wait = time.sleep
    ) -> None:
        self.name = name
        self._options = options
        self._unit = options.unit or name
        self._clock = clock
        self._where = f"demand {name}, metric {options.metric} of {options.resource}"
        credential = EntraCredential(options.sign_in, base=base, source=name)
        self._metrics = Metrics(options, credential, clock=clock, where=self._where, wait=wait)
        self._definition = (
            "azure-monitor", options.resource.lower(), options.metric, options.aggregation, options.namespace or "",
            self._unit, *options.dimensions,
        )  # fmt: skip

    @classmethod
    def from_options(
        cls, name: str, options: AzureMonitorDemandOptions, *, base: Path, clock: Clock
    ) -> AzureMonitorDemand:
        return cls(name, options, base=base, clock=clock)

    def read(self, known_digest: str | None) -> DemandDelivery | None:
        """The days that Azure keeps, or None when they are the known ones.

        Raises ``RefusedBatch`` for an answer that is no series of days or has none, and what asking raises.
        """
        first, frame = self._read()
        digest = series_digest(frame, *self._definition)
        if digest == known_digest:
            return None
        kept = same_definition(known_digest, *self._definition)
        return DemandDelivery(frame, digest, self._unit, whole_from=first if kept else None)

    def check(self) -> Sequence[Check]:
        """Asks as a reading does."""
        try:
            _, frame = self._read()
        except FinopsError as error:
            return [Check(self._where, passed=False, detail=str(error))]
        detail = f"{count_text(frame[DAY].n_unique(), 'day')} from {frame[DAY][0]} to {frame[DAY][-1]}"
        return [Check(self._where, passed=True, detail=detail)]

    def _read(self) -> tuple[date, pl.DataFrame]:
        """The first day asked for, and the days that were answered: at least one."""
        today = self._clock.now().astimezone(UTC).date()
        first = today - timedelta(days=self._options.days)
        once = OnceADay()
        rows: list[dict[str, object]] = []
        for start, end in spans(first, today):
            for metric in self._metrics.daily(start, end):
                rows += self._rows(metric, once, len(rows))
        if not rows:
            raise RefusedBatch(
                f"Azure Monitor has no value for any day from {first} to {today - timedelta(days=1)}",
                where=self._where,
                remedy="Check metric:, aggregation: and namespace:; the collected values are kept",
            )
        return first, series_frame(rows, self._options.dimensions)

    def _rows(self, metric: Metric, once: OnceADay, before: int) -> list[dict[str, object]]:
        if metric.get("errorCode") not in {None, "Success"}:
            said = metric.get("errorMessage") or metric["errorCode"]
            raise RefusedBatch(f"Azure Monitor says: {said}", where=self._where, remedy="Change the request")
        rows: list[dict[str, object]] = []
        for series in metric.get("timeseries") or ():
            dimensions = self._dimensions(series)
            for point in series.get("data") or ():
                value = point.get(self._options.aggregation.lower())
                if value is None:
                    continue  # no sample that day
                row = {DAY: _day(point, self._where), VALUE: quantise(Decimal(str(value))), **dimensions}
                once.check(row, before + len(rows) + 1, self._where)
                rows.append(row)
        return rows

    def _dimensions(self, series: Mapping[str, Any]) -> dict[str, str]:
        given = {str(pair["name"]["value"]).lower(): str(pair["value"]) for pair in series.get("metadatavalues") or ()}
        return {name: given.get(name.lower(), "") for name in self._options.dimensions}


def _day(point: Mapping[str, Any], where: str) -> date:
    """The day that starts at the point's time. Raises ``RefusedBatch`` for another than midnight UTC."""
    moment = datetime.fromisoformat(str(point["timeStamp"])).astimezone(UTC)
    if (moment.hour, moment.minute) != (0, 0):
        what = f"a day starts at {moment:%Y-%m-%d %H:%M} UTC"
        raise RefusedBatch(what, where=where, remedy="Choose a metric that Azure Monitor keeps by day (P1D)")
    return moment.date()
