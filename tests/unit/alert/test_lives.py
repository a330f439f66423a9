"""Everything that an alert's record, history and receivers hold after each step of its life, as a golden file.

``FINOPS_WRITE_GOLDEN=1`` writes it anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from finops.alert import Decision, decide, decide_gone
from finops.alert.decide import decide_over
from finops.model.alert import Acknowledgement, AlertRecord, ChangeReason
from finops.model.finding import Severity, State
from finops.model.route import Route
from finops.model.silence import Silence
from tests.support.verdicts import HOUR, T0, verdict

GOLDEN = Path(__file__).parents[2] / "golden" / "alerts" / "lives.txt"
ROUTES = (
    Route({"severity": ("critical",)}, ("oncall", "finance"), timedelta(hours=4)),
    Route({}, ("finance",), timedelta(hours=3)),
)
QUIET = Silence("5117", {"policy": ("checkout-monthly",)}, "a migration", "ada", T0, T0 + timedelta(days=7))
LIVES = {
    "fires, repeats, ends": "warning warning warning warning ok ok warning",
    "rises and falls": "warning critical critical warning info ok",
    "waits for its second verdict": "warning/2 ok/2 warning/2 unknown warning/2 warning/2 ok/2",
    "waits for its third verdict": "warning/3 warning/3 warning/3",
    "waits, and its policy is removed": "warning/2 removed unknown warning/2 gone ok/2",
    "unknown while nothing fired": "unknown silent-unknown ok",
    "unknown while firing": "warning unknown unknown unknown? unknown ok unknown",
    "unknown in a silence": "warning silent-unknown silent-unknown unknown unknown ok",
    "unknown when a silence of a pending one begins": "warning/2 silent-unknown silent-warning/2 unknown warning/2",
    "unknown right after a silence": "warning silent-unknown unknown",
    "a silence that began and ended between two evaluations": "warning silenced warning silenced unknown",
    "fires in a silence": "silent-warning silent-warning silent-critical warning ok",
    "a silence over a firing one": "warning silent-warning silent-critical silent-info info warning",
    "unknown in a silence, then known and still firing": "critical silent-unknown critical",
    "ends in a silence": "warning silent-ok silent-ok ok ok",
    "ends in a silence, unheard of": "silent-warning silent-ok ok",
    "ends as a silence ends": "warning silent-warning ok ok",
    "ends in a silence and fires again": "warning silent-ok warning",
    "ends in a silence and waits to fire again": "warning silent-ok warning/2 ok/2 warning/2 warning/2",
    "is removed": "warning removed removed ok warning",
    "is removed in a silence": "warning silent-removed silent-unknown unknown unknown",
    "is removed in a silence and returns calm": "warning silent-removed silent-ok ok ok",
    "its group is gone": "critical gone unknown warning",
    "its group is gone in a silence": "critical silent-gone ok",
    "is acknowledged, falls and rises": "warning ack warning warning warning info warning critical ok warning",
    "is acknowledged and withdrawn, and returns": "warning ack removed warning/2 warning/2 warning/2 ok",
    "is acknowledged and withdrawn, and returns higher": "warning ack removed critical",
    "is acknowledged and unknown": "warning ack unknown unknown unknown unknown silent-unknown unknown",
}


def test_every_step_of_every_life() -> None:
    told = "".join(f"{name}\n{''.join(_steps(life.split()))}\n" for name, life in LIVES.items())
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        GOLDEN.write_text(told)
    assert told == GOLDEN.read_text()


def _steps(life: Sequence[str]) -> Iterator[str]:
    """One step an hour."""
    record: AlertRecord | None = None
    for hour, step in enumerate(life):
        now = T0 + hour * HOUR
        if step == "ack":
            assert record is not None
            record = replace(record, acknowledged=Acknowledgement(now, "ben", record.severity, "on it"))
            yield f"  {hour:02}:00 acknowledged\n"
            continue
        if step == "silenced":  # as the command does it
            assert record is not None
            record = replace(record, silence=QUIET.id)
            yield f"  {hour:02}:00 silenced\n"
            continue
        decision = _decided(record, step, now)
        record = decision.record
        yield f"  {hour:02}:00 {step} -> {decision.reason}{'' if decision.is_change else ' (no change)'}\n"
        if record is not None:
            yield f"        {_shown(record)}\n"
        if decision.notices:
            yield f"        tells {', '.join(f'{who}: {why}' for who, why in decision.notices.items())}\n"
        if decision.note != "":  # None is not a note either
            yield f"        notes {decision.note}\n"


def _decided(record: AlertRecord | None, step: str, now: datetime) -> Decision:
    silence = QUIET if step.startswith("silent-") else None
    what, _, wait = step.removeprefix("silent-").partition("/")
    if what in {"removed", "gone"}:
        assert record is not None
        if not record.is_live:
            return decide_over(record, silence=silence)
        why = ChangeReason.POLICY_REMOVED if what == "removed" else ChangeReason.GROUP_GONE
        return decide_gone(record, why, now=now, silence=silence)  # type: ignore[arg-type]  # one of the two
    state = {"ok": State.OK, "unknown": State.UNKNOWN, "unknown?": State.UNKNOWN}.get(what, State.FIRING)
    finding = verdict(
        state, Severity(what) if state is State.FIRING else None, as_of=now, for_evaluations=int(wait or 1)
    )
    finding = replace(finding, reason="") if what == "unknown?" else finding
    return decide(record, finding, routes=ROUTES, now=now, silence=silence)


def _shown(record: AlertRecord) -> str:
    told = [f"{who} {_hour(of.at)} {of.severity}" for who, of in record.told.items()]
    facts = {
        "change": record.change,
        "since": _hour(record.since),
        "changed": _hour(record.changed_at),
        "verdict": f"{_hour(record.finding.as_of)} {record.finding.state}",
        "pending": record.pending_evaluations,
        "escalated": _hour(record.escalated_at) if record.escalated_at is not None else "",
        "acknowledged": record.acknowledged.severity if record.acknowledged is not None else "",
        "silence": record.silence,
        "untold": record.untold,
        "unknown": record.unknown,
        "told": ", ".join(told),
    }
    shown = [f"{name} {value}" for name, value in facts.items() if value not in {"", False} or value is None]
    return f"{record.state} {record.severity}: {'; '.join(shown)}"


def _hour(moment: datetime) -> str:
    return f"{int((moment - T0) / HOUR):02}:00"
