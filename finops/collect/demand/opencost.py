"""Demand kind ``opencost``: what each namespace of a Kubernetes cluster costs a day, from OpenCost's allocation API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel, Field, field_validator

from finops.collect.csv_table import Row
from finops.collect.demand.series import DAY, VALUE, same_definition, series_digest, series_frame
from finops.errors import FinopsError, RefusedBatch
from finops.http_client import HttpOptions, JsonApi, check_address
from finops.model.wording import count_text
from finops.ports.clock import Clock
from finops.ports.source import Check, DemandDelivery

_A_DAY = timedelta(days=1)
_EVERYBODYS = frozenset({"__idle__", "__unmounted__"})
"""What OpenCost gives to no workload: it is paid for in the proportions of what it does give."""


class OpenCostOptions(HttpOptions):
    """Cluster cost by namespace, from OpenCost or Kubecost."""

    url: str = Field(description="Address of OpenCost's API", examples=["http://opencost.opencost:9003"])
    path: str = Field(
        default="/allocation",
        pattern="^/",
        description="Path of the allocation API; Kubecost has /model/allocation",
    )
    aggregate: str = Field(
        default="namespace",
        min_length=1,
        description="What costs are aggregated by: namespace, or label:NAME",
        examples=["namespace", "label:team"],
    )
    unit: str | None = Field(default=None, description="Name of one unit; default: the name of the series")
    days: int = Field(default=14, ge=1, le=400, description="Days that each collection reads again")

    @field_validator("url")
    @classmethod
    def _plain_address(cls, url: str) -> str:
        return check_address(url)


class OpenCostDemand:
    """``totalCost`` of each aggregate and UTC day, with the dimension ``namespace`` whatever they are aggregated by.

    Today has not ended and is never asked for. OpenCost keeps as many days as its Prometheus does: days that it has
    forgotten stay in the lake as they were.

    Source: https://opencost.io/docs/integrations/api#allocation-api
    """

    kind: ClassVar[str] = "opencost"
    DIMENSION: ClassVar[str] = "namespace"
    Options: ClassVar[type[BaseModel]] = OpenCostOptions

    def __init__(self, name: str, options: OpenCostOptions, *, base: Path, clock: Clock) -> None:
        self.name = name
        self._options = options
        self._unit = options.unit or name
        self._clock = clock
        self._definition = ("opencost", options.url, options.path, options.aggregate, self._unit)
        self._api = JsonApi(
            where=f"demand {name}",
            address=options.url,
            permission="Check the credentials: headers",
            headers=lambda: options.request_headers(base),
            timeout_seconds=options.timeout_seconds,
            ca_file=base / options.ca_file if options.ca_file else None,
        )

    @classmethod
    def from_options(cls, name: str, options: OpenCostOptions, *, base: Path, clock: Clock) -> OpenCostDemand:
        return cls(name, options, base=base, clock=clock)

    def read(self, known_digest: str | None) -> DemandDelivery | None:
        """The days that OpenCost has, or None when they are the known ones.

        Raises ``RefusedBatch`` for an answer that is no allocation, and what asking raises.
        """
        frame = self._read()
        digest = series_digest(frame, *self._definition)
        if digest == known_digest:
            return None
        oldest = frame[DAY].min()
        assert isinstance(oldest, date)  # noqa: S101 - an empty answer was refused
        kept = same_definition(known_digest, *self._definition)
        return DemandDelivery(frame, digest, self._unit, whole_from=oldest if kept else None)

    def check(self) -> Sequence[Check]:
        try:
            frame = self._read()
        except FinopsError as error:
            return [Check(self._options.url, passed=False, detail=str(error))]
        names = count_text(frame[self.DIMENSION].n_unique(), "namespace")
        detail = f"{names}, {count_text(frame[DAY].n_unique(), 'day')} through {frame[DAY][-1]}"
        return [Check(self._options.url, passed=True, detail=detail)]

    def _read(self) -> pl.DataFrame:
        today = self._clock.now().astimezone(UTC).date()
        first = today - self._options.days * _A_DAY
        with self._api.session() as answers:
            answer = answers.get(
                self._options.path,
                [
                    ("window", f"{first}T00:00:00Z,{today}T00:00:00Z"),
                    ("step", "1d"),
                    ("accumulate", "false"),
                    ("aggregate", self._options.aggregate),
                ],
            )
        rows = [row for one in self._sets(answer) for row in self._rows(one, first, today)]
        frame = series_frame(rows, [self.DIMENSION])
        if frame.is_empty():
            what = f"OpenCost has no cost for any day from {first} to {today - _A_DAY}"
            raise RefusedBatch(what, where=self._api.where, remedy="Check that it reads the cluster's Prometheus")
        return frame

    def _sets(self, answer: Any) -> list[Mapping[str, Any]]:
        """One mapping a day: name of the aggregate -> its allocation."""
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, list) or not all(isinstance(one, dict) for one in data if one is not None):
            raise self._refused("the response contains no list of allocations")
        return [one for one in data if one]

    def _rows(self, allocations: Mapping[str, Any], first: date, today: date) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for name, own in allocations.items():
            if name in _EVERYBODYS:
                continue
            day = self._day(own)
            if not first <= day < today:
                raise self._refused(f"the response contains {day}, which was not asked for")
            where = f"{self._api.where}, {name}, {day}"
            value = Row(where, {VALUE: str(own.get("totalCost", ""))}).number(VALUE, "Check OpenCost's version")
            # __unallocated__: workloads without the label that it aggregates by, so nobody's
            rows.append({DAY: day, VALUE: value, self.DIMENSION: "" if name == "__unallocated__" else str(name)})
        return rows

    def _day(self, own: Any) -> date:
        try:
            window = own.get("window") or own
            start, end = (datetime.fromisoformat(window[key]).astimezone(UTC) for key in ("start", "end"))
        except (AttributeError, KeyError, TypeError, ValueError):
            raise self._refused("an allocation has no window") from None
        if (end - timedelta(microseconds=1)).date() != start.date():
            raise self._refused(f"an allocation from {start.isoformat()} to {end.isoformat()} is not of one UTC day")
        return start.date()

    def _refused(self, what: str) -> RefusedBatch:
        return RefusedBatch(
            what, where=self._api.where, remedy="Check that url: and path: are those of OpenCost's allocation API"
        )
