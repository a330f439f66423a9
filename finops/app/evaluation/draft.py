"""The pages that policies would have, before they go live: judged and drawn, and nothing is kept but the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from finops.app.evaluation.backtest import Backtest
from finops.app.evaluation.evaluate import Evaluator
from finops.app.evaluation.preview import newest_bill
from finops.errors import BadArguments
from finops.evaluate.backtest import GroupDays
from finops.model.finding import Finding, State, place_of
from finops.model.policy import Policy, WrittenPolicy
from finops.model.snapshot import Snapshot
from finops.ports.exporter import Draft

_MARK = b'<meta name="generator" content="finops draft">'
_FIRST = "index.html"
_MADE = ("b-*.html", "b-*.svg")


def draft_of(
    evaluator: Evaluator, policies: Sequence[Policy], tested: Backtest, *, now: datetime, service_url: str = ""
) -> Draft:
    """Judges ``policies`` at the last moment of ``tested``. Writes nothing. Raises what the stores raise."""
    as_of = max((day.as_of for group in tested.groups for day in group.days), default=now)
    made, settings = evaluator.judge(policies, as_of), evaluator.settings.read()
    groups = {place_of(one.policy.name, one.group): one for one in tested.groups}
    snapshot = Snapshot(
        as_of=made.as_of,
        evaluated_seconds=0.0,
        data_version=made.data_version,
        timezone=settings.timezone.key,
        findings=tuple(_as_tested(finding, groups.get(finding.anchor)) for finding in made.findings),
        tracks=made.tracks,
        families=(),
        folded={},
        sources=made.sources,
        policies=tuple(WrittenPolicy.of(policy) for policy in policies),
    )
    faults = evaluator.lake.faults(made.data_version)
    return Draft(
        snapshot,
        days={place: one.history for place, one in groups.items()},
        alerts={place: one.episodes for place, one in groups.items()},
        period=tested.period,
        billed_through=newest_bill(
            evaluator.lake.at(made.data_version, without=faults), as_of.astimezone(settings.timezone).date()
        ),
        lake_faults=faults.sentences,
        service_url=service_url,
    )


def _as_tested(finding: Finding, group: GroupDays | None) -> Finding:
    """Unknown where the same moment was unknown in the backtest: bills of now do not remember when they arrived."""
    last = group.days[-1] if group is not None else None
    if last is None or last.state is not State.UNKNOWN or finding.state is State.UNKNOWN:
        return finding
    return replace(
        finding, state=State.UNKNOWN, severity=None, measure="", value=None, measures={}, amount={}, reason=last.reason
    )


def check_folder(folder: Path) -> None:
    """Raises ``BadArguments`` where ``folder`` holds anything but an earlier draft."""
    try:
        if folder.exists() and any(folder.iterdir()) and _MARK not in (folder / _FIRST).read_bytes():
            raise _refused("it holds something else than drafts", folder)
    except OSError as error:
        raise _refused("it is no directory of drafts", folder) from error


def write_draft(files: Iterable[tuple[str, bytes]], folder: Path) -> None:
    """Replaces an earlier draft in ``folder``. Raises ``BadArguments``."""
    made = dict(files)
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in _MADE:
            for old in folder.glob(pattern):
                if old.name not in made:
                    old.unlink()
        for name, content in made.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise _refused(f"it cannot be written ({error.strerror})", folder) from error


def _refused(what: str, folder: Path) -> BadArguments:
    return BadArguments(f"'{folder}' cannot take drafts: {what}", where="--html", remedy="Choose a new directory")
