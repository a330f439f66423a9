"""Alerts and their history as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from finops.model.alert import AlertChange, AlertRecord, AlertState, ChangeReason, Told
from finops.model.finding import Finding, Severity


def record_to_row(record: AlertRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "state": record.state.value,
        "changed_at": record.changed_at,
        "record": {
            "severity": record.severity.value,
            "since": record.since.isoformat(),
            "change": record.change,
            "pending_evaluations": record.pending_evaluations,
            "unknown": record.unknown,
            "told": {
                receiver: {"at": told.at.isoformat(), "severity": told.severity.value}
                for receiver, told in sorted(record.told.items())
            },
            "finding": record.finding.to_json(),
        },
    }


def record_from_row(row: sa.Row[Any]) -> AlertRecord:
    record = row.record
    return AlertRecord(
        id=row.id,
        state=AlertState(row.state),
        severity=Severity(record["severity"]),
        finding=Finding.from_json(record["finding"]),
        since=datetime.fromisoformat(record["since"]),
        changed_at=row.changed_at,
        change=record["change"],
        pending_evaluations=record["pending_evaluations"],
        unknown=record["unknown"],
        told={
            receiver: Told(datetime.fromisoformat(told["at"]), Severity(told["severity"]))
            for receiver, told in record["told"].items()
        },
    )


def change_to_row(change: AlertChange) -> dict[str, Any]:
    return {
        "alert_id": change.alert_id,
        "change": change.change,
        "at": change.at,
        "actor": change.actor,
        "reason": change.reason.value,
        "before": change.before.value,
        "after": change.after.value,
        "severity": change.severity.value,
        "evaluation_id": change.evaluation_id,
        "finding_id": change.finding_id,
        "told": list(change.told),
        "note": change.note,
    }


def change_from_row(row: sa.Row[Any]) -> AlertChange:
    return AlertChange(
        alert_id=row.alert_id,
        change=row.change,
        at=row.at,
        actor=row.actor,
        reason=ChangeReason(row.reason),
        before=AlertState(row.before),
        after=AlertState(row.after),
        severity=Severity(row.severity),
        evaluation_id=row.evaluation_id,
        finding_id=row.finding_id,
        told=tuple(row.told),
        note=row.note,
    )
