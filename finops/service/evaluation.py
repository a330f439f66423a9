"""One round of the service: evaluate, keep, alert, publish."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from finops.alert.absence import Removals
from finops.alert.apply import apply
from finops.alert.policy_files import POLICY, policy_file_findings
from finops.app.evaluation.evaluate import Evaluated, Evaluator
from finops.app.radar import RadarReader
from finops.documents import Fault
from finops.errors import DeadlineExceeded, FinopsError, NotLeading, fault_place
from finops.evaluate.cache import EvaluationCache
from finops.model.alert import alert_id
from finops.model.cost_links import costs_behind
from finops.model.finding import Finding
from finops.model.kind_profile import Profiles
from finops.model.month_costs import MonthCosts
from finops.model.operations import Operations
from finops.model.policy import Policy, WrittenPolicy
from finops.model.radar import Radar
from finops.model.route import Route
from finops.model.snapshot import Snapshot
from finops.model.verdict_day import verdict_days
from finops.ports.clock import Clock
from finops.publish.snapshot import build_snapshot
from finops.state import State
from finops.web.publisher import Publisher

log = structlog.get_logger("finops.verdicts")

RADAR_AGE = timedelta(hours=26)
"""A radar that is older is made anew, whatever the calendar says: the service may have been down at night."""


@dataclass(frozen=True, slots=True)
class Publication:
    """How findings become alerts and metrics. ``limits``: the most notices that one message to a receiver may hold.
    ``url``: where people reach the pages, for links in messages."""

    routes: Sequence[Route]
    limits: Mapping[str, int]
    url: str
    max_series: int
    profiles: Profiles


class Evaluations:
    """Makes each evaluation public. A failure keeps the last good one, and is told in the log and on the page."""

    def __init__(
        self,
        evaluator: Evaluator,
        state: State,
        publication: Publication,
        publisher: Publisher,
        operations: Callable[[str], Operations],
        clock: Clock,
        radar: RadarReader,
    ) -> None:
        self._evaluator = evaluator
        self._radar_reader = radar
        self._radar: Radar | None = None
        self._state = state
        self._publication = publication
        self._clock = clock
        self._publisher = publisher
        self._operations = operations
        self._cache = EvaluationCache()
        self._shown_at: datetime | None = None
        self._inputs: object = None
        self._removals = Removals(state.known_policies)
        self.policy_faults: tuple[str, ...] | None = None
        """Of the newest evaluation that could read the files."""
        self.lake_faults: tuple[str, ...] | None = None
        """Of the same."""
        self.error = ""
        """Why the newest evaluation failed; empty when it did not."""

    def evaluate(self, check: Callable[[], None] = lambda: None) -> Snapshot | None:
        """One evaluation from start to end; None when it failed.

        ``check``: raises once nobody waits for this evaluation any more; then nothing is written. Raises only that.
        """
        with _rare_collections():
            return self._evaluate(check)

    def _evaluate(self, check: Callable[[], None]) -> Snapshot | None:
        try:
            self._inputs = self._inputs_version()
            result = self._evaluator.evaluate(self._clock.now(), cache=self._cache)
            self.policy_faults = tuple(self._told(fault, result.unreplaced) for fault in result.faults)
            self.lake_faults = result.lake_faults
            for fault in result.lake_faults:
                log.error("the lake contains data that is not counted", fault=fault)
            snapshot = self._keep(result, check)
        except (DeadlineExceeded, NotLeading):
            check()
            return None  # the new leader evaluates
        except FinopsError as error:
            log.error("evaluation failed", error=str(error))
            self._failed(str(error))
            return None
        except Exception as error:  # the schedule must live on whatever happens here
            place = fault_place(error)
            log.error("evaluation failed: internal error", fault=place)
            log.debug("details", exc_info=True)
            self._failed(f"internal error ({place}). Please report it")
            return None
        check()
        self.error, self._shown_at = "", snapshot.as_of
        self._publisher.publish(snapshot, self._operations(""))
        self._publisher.prepare_pages()
        return snapshot

    @property
    def wants_radar(self) -> bool:
        """Whether there is none, or an old one."""
        return self._radar is None or self._clock.now() - self._radar.as_of > RADAR_AGE

    def scan(self, check: Callable[[], None]) -> None:
        """Makes the radar anew; the next evaluation publishes it. ``check``: as of ``evaluate``.

        Raises what the stores raise; the last radar then stays.
        """
        with _rare_collections():
            radar = self._radar_reader.read(self._clock.now())
        check()
        self._radar = radar
        log.info("radar made", pairs=radar.pairs, found=len(radar.found), not_judged=len(radar.unjudged))

    def give_up(self, error: str) -> None:
        """The evaluation that runs is given up: it may still write to the cache, so the next one has its own."""
        self._cache = EvaluationCache()
        self._failed(error)

    def inputs_changed(self) -> bool:
        """Whether policies, rates or the lake are others than at the last evaluation. Raises what the stores raise."""
        return self._inputs_version() != self._inputs

    def _inputs_version(self) -> object:
        return self._evaluator.inputs_version(), self._removals.confirmed()

    def follow(self) -> bool:
        """Publishes the stored snapshot of an earlier run or of the leading replica, unless it is the one shown.

        Whether there was one.
        One that cannot be read is ignored.
        """
        stored = self._state.snapshots.latest(other_than=self._shown_at)
        if stored is None:
            return False
        try:
            snapshot = Snapshot.from_bytes(stored.content)
        except FinopsError as error:
            log.warning("the stored snapshot is ignored", error=str(error))
        else:
            self._radar = snapshot.radar
            self._publisher.publish(snapshot, self._operations(self.error))
        self._shown_at = stored.at
        return True

    def _keep(self, result: Evaluated, check: Callable[[], None]) -> Snapshot:
        evaluation, publication = result.evaluation, self._publication
        check()
        self._state.archive.save(evaluation, result.inputs)
        applied = apply(
            evaluation,
            self._state.alerts,
            routes=publication.routes,
            policies={*self._present(result), POLICY},
            own=self._policy_file_findings(result),
            link=self._link,
            costs=self._costs_of(result.policies),
            now=self._clock.now(),
            limits=publication.limits,
            check=check,
        )
        snapshot = build_snapshot(
            evaluation,
            result.settings,
            evaluated_seconds=result.seconds,
            max_series=publication.max_series,
            profiles=publication.profiles,
            policies=result.policies,
            month=self._month(result),
            radar=self._radar,
        )
        self._state.verdict_days.record(verdict_days(evaluation.findings, result.settings.timezone))
        self._state.snapshots.save(snapshot.to_bytes(), evaluation.as_of)
        log.info(
            "evaluated",
            findings=len(evaluation.findings),
            seconds=round(result.seconds, 3),
            alert_changes=len(applied.changes),
            messages=applied.messages,
            costs_version=evaluation.data_version.costs,
        )
        return snapshot

    def _month(self, result: Evaluated) -> MonthCosts | None:
        """None where it fails: verdicts and alerts do not depend on it."""
        try:
            return self._evaluator.month(result, self._cache)
        except Exception as error:
            log.error("the costs of the month are unknown", fault=fault_place(error), error=str(error))
            log.debug("details", exc_info=True)
            return None

    def _told(self, fault: Fault, unreplaced: Collection[str]) -> str:
        """``fault`` as pages show it, with what is evaluated instead; the log has it, too."""
        stays = fault.file not in unreplaced
        log.error("a policy file is invalid", fault=str(fault), last_good_version_evaluated=stays)
        return self._said(fault, unreplaced)

    def _said(self, fault: Fault, unreplaced: Collection[str]) -> str:
        return self._evaluator.policies.shown_with_substitute(fault, unreplaced)

    def _present(self, result: Evaluated) -> set[str]:
        loaded = {policy.name for policy in result.policies}
        alerting = set(self._state.alerts.live_policies()) - {POLICY}
        present = self._removals.present(loaded, alerting, unreadable=bool(result.unreplaced), now=self._clock.now())
        if missing := sorted(present - loaded):
            log.warning(
                "policies are missing; their alerts are kept until this is confirmed",
                policies=missing,
                confirm="finops policies confirm-removal",
            )
        return present

    def _policy_file_findings(self, result: Evaluated) -> list[Finding]:
        faults: dict[str, list[str]] = {}
        for fault in result.faults:
            of_file = faults.setdefault(self._evaluator.policies.shown_file(fault), [])
            of_file.append(self._said(fault, result.unreplaced))
        live = self._state.alerts.alerts(live=True, policy=POLICY)
        return policy_file_findings(faults, live, result.evaluation, result.settings)

    def _link(self, finding: Finding) -> str:
        return f"{self._publication.url}/alerts/{alert_id(finding.policy, finding.group)}"

    def _costs_of(self, policies: Sequence[Policy]) -> Callable[[Finding], str]:
        written = {policy.name: policy for policy in policies}

        def costs(finding: Finding) -> str:
            policy = written.get(finding.policy)
            if policy is None or policy.digest != finding.policy_digest:
                return ""
            address = costs_behind(finding, WrittenPolicy.of(policy))
            return f"{self._publication.url}{address}" if address else ""

        return costs

    def _failed(self, error: str) -> None:
        self.error = error
        try:
            self._publisher.refresh(self._operations(error))
        except FinopsError as unreachable:  # the page stays as it is until state and lake answer again
            log.error("state or lake unavailable", error=str(unreachable))


@contextmanager
def _rare_collections() -> Iterator[None]:
    """The garbage collector looks for cycles once in a hundred thousand new objects instead of seven hundred.

    An evaluation makes millions of values that stay and form no cycles: of ten thousand groups that begin to fire, a
    fifth of the time went into looking through them again and again.
    """
    usual = gc.get_threshold()
    gc.set_threshold(100_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
