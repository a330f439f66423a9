"""Demand kind ``prometheus``: a range query, one value a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel

from finops.collect.csv_table import Row
from finops.collect.demand.prometheus_options import PrometheusDemandOptions
from finops.collect.demand.series import (
    DAY,
    VALUE,
    OnceADay,
    same_definition,
    series_digest,
    series_frame,
)
from finops.errors import FinopsError, RefusedBatch
from finops.http_client import JsonApi
from finops.model.wording import count_text
from finops.ports.clock import Clock
from finops.ports.source import Check, DemandDelivery

_A_DAY = timedelta(days=1)
_MOST_NAMED = 3


class PrometheusDemand:
    """One series from the HTTP API of Prometheus, or of whatever speaks it (Mimir, Thanos, VictoriaMetrics).

    **Whose day is a value?** A query like ``sum(increase(orders_total[1d]))`` looks back one day from the moment at
    which it is evaluated. So it is evaluated at each midnight UTC, and the value of a midnight stands for the day that
    *ended* then. Today has not ended and is never asked for; yesterday's value is there from 00:00 UTC on. Each
    reading asks for all days again, so that samples that came late correct their days.

    **What Prometheus has forgotten stays.** Its retention is often shorter than the history that growth is measured
    over. The first day that it still has may be cut in the middle, so that day is left out; it and the days before
    it stay in the lake as they were (``DemandDelivery.whole_from``), unless the query itself has changed.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries (at most 11,000 steps).
    """

    kind: ClassVar[str] = "prometheus"
    Options: ClassVar[type[BaseModel]] = PrometheusDemandOptions

    def __init__(self, name: str, options: PrometheusDemandOptions, *, base: Path, clock: Clock) -> None:
        self.name = name
        self._options = options
        self._unit = options.unit or name
        self._clock = clock
        self._definition = ("prometheus", options.query, self._unit, *options.labels)
        self._api = JsonApi(
            where=f"demand {name}",
            address=options.url,
            permission="Check the credentials: bearer_token, or username and password, or headers",
            headers=lambda: options.request_headers(base),
            timeout_seconds=options.timeout_seconds,
            ca_file=base / options.ca_file if options.ca_file else None,
        )

    @classmethod
    def from_options(cls, name: str, options: PrometheusDemandOptions, *, base: Path, clock: Clock) -> PrometheusDemand:
        return cls(name, options, base=base, clock=clock)

    def read(self, known_digest: str | None) -> DemandDelivery | None:
        """The days that Prometheus has, or None when they are the known ones.

        Raises ``RefusedBatch`` for an answer that is no series of days, and what asking raises.
        """
        asked, frame = self._read()
        oldest = frame[DAY].min()
        assert isinstance(oldest, date)  # noqa: S101 - an empty answer was refused
        whole_from = asked if oldest == asked else oldest + _A_DAY
        frame = frame.filter(pl.col(DAY) >= whole_from)
        digest = series_digest(frame, *self._definition)
        if digest == known_digest:
            return None
        kept = same_definition(known_digest, *self._definition)
        return DemandDelivery(frame, digest, self._unit, whole_from=whole_from if kept else None)

    def check(self) -> Sequence[Check]:
        try:
            _, frame = self._read()
        except FinopsError as error:
            return [Check(self._options.url, passed=False, detail=str(error))]
        detail = f"{count_text(frame[DAY].n_unique(), 'day')} from {frame[DAY][0]} to {frame[DAY][-1]}"
        return [Check(self._options.url, passed=True, detail=detail)]

    def _read(self) -> tuple[date, pl.DataFrame]:
        """The first day asked for, and the days that were answered: at least one."""
        today = self._clock.now().astimezone(UTC).date()
        first = max(self._options.since or date.min, today - self._options.days * _A_DAY)
        if first >= today:
            what = f"since: {first} is not before today, {today}"
            raise RefusedBatch(what, where=self._api.where, remedy="Only past days are read")
        with self._api.session() as answers:
            answer = answers.get(
                "/api/v1/query_range",
                [
                    ("query", self._options.query),
                    ("start", str(_midnight(first + _A_DAY))),
                    ("end", str(_midnight(today))),
                    ("step", "86400"),
                ],
            )
        frame = series_frame(self._rows(answer), self._options.labels)
        if frame.is_empty():
            what = f"the query returns no value for any day from {first} to {today - _A_DAY}"
            raise RefusedBatch(
                what, where=self._api.where, remedy="Try it in Prometheus; the collected values are kept"
            )
        return first, frame

    def _rows(self, answer: Any) -> list[dict[str, object]]:
        try:
            series = answer["data"]["result"]
            lines = [(dict(one["metric"]), list(one["values"])) for one in series]
        except (KeyError, TypeError, ValueError):
            remedy = "Check that url: is Prometheus' own address"
            raise RefusedBatch(
                "the response contains no range of values", where=self._api.where, remedy=remedy
            ) from None
        once = OnceADay()
        rows: list[dict[str, object]] = []
        for metric, values in lines:
            dimensions = {label: str(metric.get(label, "")) for label in self._options.labels}
            for at, text in values:
                row = self._row(at, text, dimensions)
                if row is None:
                    continue
                self._check_once(once, row, len(rows) + 1, lines)
                rows.append(row)
        return rows

    def _row(self, at: object, text: object, dimensions: Mapping[str, str]) -> dict[str, object] | None:
        """None for a value that Prometheus itself calls none (a division by zero): the day is missing."""
        if text == "NaN":
            return None
        day = datetime.fromtimestamp(int(Decimal(str(at))), UTC).date() - _A_DAY
        where = f"{self._api.where}, day {day}"
        value = Row(where, {VALUE: str(text)}).number(VALUE, "Change the query")
        return {DAY: day, VALUE: value, **dimensions}

    def _check_once(
        self, once: OnceADay, row: Mapping[str, object], number: int, lines: Sequence[tuple[dict[str, str], object]]
    ) -> None:
        try:
            once.check(row, number, self._api.where)
        except RefusedBatch:
            shown = [", ".join(f'{key}="{value}"' for key, value in sorted(metric.items())) for metric, _ in lines]
            named = "; ".join(f"{{{one}}}" for one in shown[:_MOST_NAMED]) + ("; …" if len(shown) > _MOST_NAMED else "")
            by = f" by ({', '.join(self._options.labels)})" if self._options.labels else ""
            what = f"the query gives {len(lines)} series instead of one for each day: {named}"
            remedy = f"Aggregate with sum{by} (…), or list the labels that distinguish them under labels:"
            raise RefusedBatch(what, where=self._api.where, remedy=remedy) from None


def _midnight(day: date) -> int:
    """The moment as which ``day`` starts, in UTC, in seconds."""
    return int(datetime.combine(day, time(), UTC).timestamp())
