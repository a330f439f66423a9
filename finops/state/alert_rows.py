"""Alerts, their history and silences as rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from finops.model.alert import Acknowledgement, AlertChange, AlertRecord, AlertState, AlertStatus, ChangeReason, Told
from finops.model.finding import Finding, Severity
from finops.model.silence import Silence
from finops.state.column_types import with_finding


def record_to_row(record: AlertRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "state": record.state.value,
        "changed_at": record.changed_at,
        "status": record.status.value,
        "severity": record.severity.value,
        "policy": record.policy,
        "group_label": record.finding.group_label,
        "owner": record.finding.owner,
        "since": record.since,
        "record": with_finding(
            {
                "severity": record.severity.value,
                "since": record.since.isoformat(),
                "change": record.change,
                "pending_evaluations": record.pending_evaluations,
                "unknown": record.unknown,
                "told": {
                    receiver: {"at": told.at.isoformat(), "severity": told.severity.value}
                    for receiver, told in sorted(record.told.items())
                },
                "escalated_at": record.escalated_at.isoformat() if record.escalated_at else None,
                "acknowledged": _acknowledged_to_json(record.acknowledged),
                "silence": record.silence,
                "untold": record.untold,
                "warned_of": record.warned_of.isoformat() if record.warned_of else None,
            },
            record.finding,
        ),
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
        escalated_at=datetime.fromisoformat(record["escalated_at"]) if record["escalated_at"] else None,
        acknowledged=_acknowledged_from_json(record["acknowledged"]),
        silence=record["silence"],
        untold=record["untold"],
        warned_of=date.fromisoformat(record["warned_of"]) if record["warned_of"] else None,
    )


def _acknowledged_to_json(known: Acknowledgement | None) -> dict[str, str] | None:
    if known is None:
        return None
    return {
        "at": known.at.isoformat(),
        "actor": known.actor,
        "severity": known.severity.value,
        "note": known.note,
    }


def _acknowledged_from_json(data: Mapping[str, str] | None) -> Acknowledgement | None:
    if data is None:
        return None
    return Acknowledgement(datetime.fromisoformat(data["at"]), data["actor"], Severity(data["severity"]), data["note"])


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
        before=AlertStatus(row.before),
        after=AlertStatus(row.after),
        severity=Severity(row.severity),
        evaluation_id=row.evaluation_id,
        finding_id=row.finding_id,
        told=tuple(row.told),
        note=row.note,
    )


def silence_to_row(silence: Silence) -> dict[str, Any]:
    return {
        "id": silence.id,
        "matcher": {key: list(values) for key, values in silence.matcher.items()},
        "reason": silence.reason,
        "actor": silence.actor,
        "at": silence.at,
        "until": silence.until,
        "lifted_at": silence.lifted_at,
        "lifted_by": silence.lifted_by,
        "lifted_note": silence.lifted_note,
        "warned_at": silence.warned_at,
    }


def silence_from_row(row: sa.Row[Any]) -> Silence:
    return Silence(
        id=row.id,
        matcher={key: tuple(values) for key, values in row.matcher.items()},
        reason=row.reason,
        actor=row.actor,
        at=row.at,
        until=row.until,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        lifted_note=row.lifted_note,
        warned_at=row.warned_at,
    )
