"""What people asked the leader to run now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from finops.model.audit import AuditEntry
from finops.state.audit import write_entries
from finops.state.database import Database
from finops.state.sql import insert_all_new
from finops.state.tables import requested_jobs


class RequestedJobs:
    """``finops.ports.state.JobRequests`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, jobs: Collection[str], entry: AuditEntry) -> None:
        with self._database.write() as connection:
            insert_all_new(connection, requested_jobs, [{"job": job, "asked_at": entry.at} for job in sorted(jobs)])
            write_entries(connection, [entry])

    def pending(self) -> Mapping[str, datetime]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(requested_jobs).order_by(requested_jobs.c.job))
            return {row.job: row.asked_at for row in rows}

    def done(self, requests: Mapping[str, datetime]) -> None:
        with self._database.write() as connection:
            for job, asked_at in requests.items():
                same = (requested_jobs.c.job == job) & (requested_jobs.c.asked_at == asked_at)
                connection.execute(requested_jobs.delete().where(same))
