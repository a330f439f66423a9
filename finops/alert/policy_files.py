"""Faulty policy files -> findings of our own, one a file, so that they alert like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from finops.model.alert import AlertRecord
from finops.model.evaluation import Evaluation, Settings
from finops.model.finding import Finding, Severity, State
from finops.model.period import Period

POLICY = "finops-policy-files"
KIND = "PolicyFiles"


def policy_file_findings(
    faults: Mapping[str, Sequence[str]], live: Sequence[AlertRecord], evaluation: Evaluation, settings: Settings
) -> list[Finding]:
    """``faults``: file -> what is wrong with it. ``live``: alerts of ``POLICY`` that fire; those of files without a
    fault are over."""
    calm = {record.group.get("file", "") for record in live} - set(faults)
    firing = {file: ("; ".join(said), Severity.WARNING) for file, said in faults.items()}
    over = dict.fromkeys(sorted(calm), ("the file has no error", None))
    every = (firing | over).items()
    return [_finding(file, reason, severity, evaluation, settings) for file, (reason, severity) in every]


def _finding(file: str, reason: str, severity: Severity | None, evaluation: Evaluation, settings: Settings) -> Finding:
    today = evaluation.as_of.astimezone(settings.timezone).date()
    return Finding(
        policy=POLICY,
        kind=KIND,
        owner="finops",
        description="Policy files with errors: what is evaluated is not what they say.",
        group={"file": file},
        state=State.FIRING if severity else State.OK,
        severity=severity,
        reason=reason,
        measure="",
        value=None,
        limit=None,
        amount={},
        currency=settings.currency,
        period=Period(today, today + timedelta(days=1)),
        as_of=evaluation.as_of,
        complete_through=None,
        data_version=evaluation.data_version,
        policy_digest="",
    )
