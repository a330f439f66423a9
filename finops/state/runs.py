"""The log of collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from finops.model.collection import CollectionOutcome, CollectionRun, SourceHistory
from finops.model.source_freshness import SourceFreshness
from finops.state.database import Database
from finops.state.sql import insert_new, put
from finops.state.tables import collection_runs as runs
from finops.state.tables import source_totals as totals

_SUCCESS = (CollectionOutcome.OK.value, CollectionOutcome.UNCHANGED.value)
_DELIVERY = (CollectionOutcome.OK.value,)
_ANY = tuple(outcome.value for outcome in CollectionOutcome)


class Runs:
    """``finops.ports.state.CollectionLog`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, run: CollectionRun) -> None:
        with self._database.write(serial="runs") as connection:
            if not insert_new(connection, runs, _to_row(run)):
                return
            _add(connection, run.source, run.requests, run.throttled, run.request_cost_usd)

    def count(self, source: str, requests: int, throttled: int, request_cost_usd: Decimal) -> None:
        with self._database.write(serial="runs") as connection:
            _add(connection, source, requests, throttled, request_cost_usd)

    def sources(self) -> Mapping[str, SourceHistory]:
        with self._database.read() as connection:
            latest = _latest(connection, _ANY)
            success = _latest(connection, _SUCCESS)
            delivery = _latest(connection, _DELIVERY)
            sums = {row.source: row for row in connection.execute(sa.select(totals))}
        return {
            name: SourceHistory(
                latest=latest[name],
                latest_success=success.get(name),
                latest_delivery=delivery.get(name),
                requests=sums[name].requests,
                throttled=sums[name].throttled,
                request_cost_usd=Decimal(sums[name].request_cost_usd),
            )
            for name in sorted(latest)
        }

    def freshness(self, sources: Mapping[str, str], *, at: datetime | None = None) -> Sequence[SourceFreshness]:
        with self._database.read() as connection:
            latest = _latest(connection, _ANY, at)
            success = _latest(connection, _SUCCESS, at)
            reach = _reach(connection, at)
        return [
            _freshness_of(name, kind, latest.get(name), success.get(name), reach.get(name))
            for name, kind in sorted(sources.items())
        ]


def _add(connection: sa.Connection, source: str, requests: int, throttled: int, request_cost_usd: Decimal) -> None:
    before = connection.execute(sa.select(totals).where(totals.c.source == source)).one_or_none()
    cost = request_cost_usd + (Decimal(before.request_cost_usd) if before else 0)
    row = {
        "source": source,
        "requests": requests + (before.requests if before else 0),
        "throttled": throttled + (before.throttled if before else 0),
        "request_cost_usd": f"{cost:f}",
    }
    put(connection, totals, [row])


def latest_run_ids(
    outcomes: Sequence[str], at: datetime | None = None, *conditions: sa.ColumnElement[bool]
) -> sa.Select[tuple[str]]:
    """The newest run of each source that meets ``conditions``, ties broken by id."""
    place = sa.func.row_number().over(
        partition_by=runs.c.source, order_by=(runs.c.ended_at.desc(), runs.c.started_at.desc(), runs.c.run_id.desc())
    )
    known = sa.select(runs.c.run_id, place.label("place")).where(runs.c.outcome.in_(outcomes), *conditions)
    if at is not None:
        known = known.where(runs.c.ended_at <= at)
    ranked = known.subquery()
    return sa.select(ranked.c.run_id).where(ranked.c.place == 1)


def _latest(connection: sa.Connection, outcomes: Sequence[str], at: datetime | None = None) -> dict[str, CollectionRun]:
    rows = connection.execute(sa.select(runs).where(runs.c.run_id.in_(latest_run_ids(outcomes, at))))
    return {row.source: _from_row(row) for row in rows}


def _reach(connection: sa.Connection, at: datetime | None) -> dict[str, CollectionRun]:
    """The newest successful run of each source that says how far its data reaches."""
    newest = latest_run_ids(_SUCCESS, at, runs.c.complete_through.is_not(None))
    rows = connection.execute(sa.select(runs).where(runs.c.run_id.in_(newest)))
    return {row.source: _from_row(row) for row in rows}


def _freshness_of(
    name: str,
    kind: str,
    latest: CollectionRun | None,
    success: CollectionRun | None,
    reach: CollectionRun | None,
) -> SourceFreshness:
    delivered_at = success.ended_at if success else None
    through = reach.complete_through if reach else None
    on_time = reach.on_time_through if reach else None
    return SourceFreshness(
        source=name,
        kind=kind,
        delivered_at=delivered_at,
        complete_through=min(through, delivered_at) if through and delivered_at else None,
        late=tuple(sorted(reach.late.items())) if reach else (),
        on_time_through=min(on_time, delivered_at) if on_time and delivered_at else None,
        up=latest is None or latest.outcome is not CollectionOutcome.FAILED,
        error=latest.error if latest else "",
        estimated_from=success.estimated_from if success else None,
    )


def _to_row(run: CollectionRun) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "source": run.source,
        "kind": run.kind,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "outcome": run.outcome.value,
        "complete_through": run.complete_through,
        "details": {
            "error": run.error,
            "rows": run.rows,
            "periods": [period.isoformat() for period in run.periods],
            "notes": list(run.notes),
            "requests": run.requests,
            "throttled": run.throttled,
            "request_cost_usd": f"{run.request_cost_usd:f}",
            "restated": {currency: f"{amount:f}" for currency, amount in sorted(run.restated.items())},
            **({"estimated_from": run.estimated_from.isoformat()} if run.estimated_from else {}),
            **({"late": {name: moment.isoformat() for name, moment in run.late.items()}} if run.late else {}),
            **({"on_time_through": run.on_time_through.isoformat()} if run.on_time_through else {}),
        },
    }


def _from_row(row: sa.Row[Any]) -> CollectionRun:
    details = row.details
    estimated, on_time = details.get("estimated_from"), details.get("on_time_through")
    return CollectionRun(
        run_id=row.run_id,
        source=row.source,
        kind=row.kind,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=CollectionOutcome(row.outcome),
        error=details["error"],
        rows=details["rows"],
        periods=tuple(date.fromisoformat(period) for period in details["periods"]),
        notes=tuple(details["notes"]),
        requests=details["requests"],
        throttled=details["throttled"],
        request_cost_usd=Decimal(details["request_cost_usd"]),
        complete_through=row.complete_through,
        restated={currency: Decimal(amount) for currency, amount in details["restated"].items()},
        estimated_from=date.fromisoformat(estimated) if estimated else None,
        late={name: datetime.fromisoformat(moment) for name, moment in details.get("late", {}).items()},
        on_time_through=datetime.fromisoformat(on_time) if on_time else None,
    )
