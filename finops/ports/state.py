"""What the program remembers between evaluations and restarts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from finops.model.alert import AlertChange, AlertRecord, AlertStatus
from finops.model.archive import ArchivedFinding, Inputs, StoredSnapshot
from finops.model.audit import AuditAction, AuditEntry, AuditPage
from finops.model.collection import CollectionRun, SourceHistory
from finops.model.delivery import DeliveryPage, DeliveryState, ReceiverTrouble
from finops.model.evaluation import Evaluation
from finops.model.finding import Severity
from finops.model.incident import Incident
from finops.model.message import Claim, DeliveryCounts, Message, ParkedMessage
from finops.model.silence import Silence
from finops.model.source_freshness import SourceFreshness
from finops.model.team import SignOff
from finops.model.verdict_day import VerdictDay


class CollectionLog(Protocol):
    """One entry for each run of a source. Every call raises ``Unreachable``, ``AccessDenied`` or ``BrokenStore``."""

    def record(self, run: CollectionRun) -> None:
        """Adds a run, once: a ``run_id`` that is there already changes nothing."""
        ...

    def count(self, source: str, requests: int, throttled: int, request_cost_usd: Decimal) -> None:
        """Adds requests that belong to no run (of a check, of reconciling) to the totals of a source."""
        ...

    def sources(self) -> Mapping[str, SourceHistory]:
        """Every source that ever ran, by name."""
        ...

    def freshness(self, sources: Mapping[str, str], *, at: datetime | None = None) -> Sequence[SourceFreshness]:
        """The standing of each source (name -> kind), sorted by name; ``at``: as it was known at that moment."""
        ...


class FindingArchive(Protocol):
    """Evaluations with everything that it takes to repeat them."""

    def save(self, evaluation: Evaluation, inputs: Inputs) -> None:
        """Saves an evaluation, once: one that is there already changes nothing."""
        ...

    def find(self, id_or_prefix: str) -> ArchivedFinding:
        """Raises ``UnknownFinding`` when no finding, or more than one, has an id that starts so."""
        ...

    def document(self, digest: str) -> str | None:
        """The text with this ``sha256:…`` digest of its UTF-8 bytes."""
        ...


class VerdictHistory(Protocol):
    """The last verdict of each policy and group on each day."""

    def record(self, days: Sequence[VerdictDay]) -> None:
        """A later verdict of the same day replaces an earlier one; one evaluated afterwards replaces none."""
        ...

    def of(self, place: str, *, since: date) -> Sequence[VerdictDay]:
        """Oldest first."""
        ...

    def on(self, day: date) -> Mapping[str, VerdictDay]:
        """Every verdict of a day, by place."""
        ...

    def first_days(self) -> Mapping[str, date]:
        """The first day that is known, by place."""
        ...


class SnapshotStore(Protocol):
    """The last snapshot, for restarts and for replicas that do not lead."""

    def save(self, content: bytes, at: datetime) -> None:
        """Keeps a snapshot. One that is older than the stored one is left out, unless that one is of the future: then
        the clock has been set back."""
        ...

    def latest(self, *, other_than: datetime | None = None) -> StoredSnapshot | None:
        """``other_than``: None where the stored one is of that moment."""
        ...


class Applied(StrEnum):
    """What became of an evaluation. ``stale``: a later one was applied before."""

    DONE = "done"
    ALREADY = "already"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class AlertBook:
    """What is known when a step is taken: alerts by id, the silences that hold, and the incidents that are open or have
    ended lately."""

    alerts: Mapping[str, AlertRecord]
    silences: tuple[Silence, ...] = ()
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertStep:
    """All that one evaluation, or one person, changes; written in one transaction. ``audit``: what a person did."""

    records: tuple[AlertRecord, ...] = ()
    changes: tuple[AlertChange, ...] = ()
    messages: tuple[Message, ...] = ()
    silences: tuple[Silence, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts are wanted; all that is said must hold, and an empty text says nothing.

    ``live``: only those that fire or are about to.
    """

    live: bool = True
    status: str = ""
    severity: str = ""
    policy: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class AlertPage:
    """``total``: how many pass the filter, on all pages."""

    alerts: Sequence[AlertRecord]
    total: int


@dataclass(frozen=True, slots=True)
class AlertCount:
    """How many alerts have these three in common."""

    status: AlertStatus
    severity: Severity
    owner: str
    count: int


class AlertStore(Protocol):
    """Alerts, their history, silences. Calls that write are serialised over all processes.

    A ``step`` is pure and quick: it runs inside the transaction. What it raises undoes the transaction.
    """

    def apply(self, evaluation: Evaluation, at: datetime, step: Callable[[AlertBook], AlertStep]) -> Applied:
        """Hands everything to ``step`` and writes what it returns, all of it or nothing, at most once an evaluation."""
        ...

    def respond(self, at: datetime, step: Callable[[AlertBook], AlertStep]) -> None:
        """The same for what a person does."""
        ...

    def alerts(self, *, live: bool = False, policy: str = "") -> Sequence[AlertRecord]:
        """Every alert, or only those that fire or are about to (``live``) and of one policy, sorted by policy and
        group."""
        ...

    def page(self, wanted: AlertFilter, *, limit: int, offset: int = 0, urgent_first: bool = False) -> AlertPage:
        """Part of a long list, sorted by policy and group; ``urgent_first``: those that wait for somebody, then those
        that somebody knows of, then those that are over, each by severity, the newest first."""
        ...

    def counts(self, *, live: bool) -> Sequence[AlertCount]:
        """Of every alert, or only of those that fire or are about to."""
        ...

    def live_policies(self) -> Collection[str]:
        """Whose alerts fire or are about to."""
        ...

    def known(self) -> Sequence[AlertRecord]:
        """Live alerts that somebody knows of: acknowledged or silenced; by policy and group."""
        ...

    def last_change(self) -> datetime | None:
        """When an evaluation or a person last changed an alert; None before the first change."""
        ...

    def alert(self, id_or_prefix: str) -> AlertRecord:
        """Raises ``UnknownAlert`` when no alert, or more than one, has an id that starts so."""
        ...

    def history(self, alert_id: str) -> Sequence[AlertChange]:
        """Oldest first."""
        ...

    def histories(self, alert_ids: Collection[str]) -> Mapping[str, Sequence[AlertChange]]:
        """By alert, each oldest first; without alerts that have none or that the reader may not see."""
        ...

    def silences(self, *, active_at: datetime | None = None) -> Sequence[Silence]:
        """Every silence that is remembered, or those that hold at a moment; the one that ends first comes first."""
        ...

    def silence(self, id_or_prefix: str) -> Silence:
        """Raises ``UnknownSilence`` when no silence, or more than one, has an id that starts so."""
        ...


class Outbox(Protocol):
    """Messages that wait for their receivers."""

    def due_receivers(self, now: datetime) -> Sequence[str]:
        """Who has a message that may be sent now, sorted."""
        ...

    def claim(
        self,
        receiver: str,
        *,
        now: datetime,
        lease_until: datetime,
        fold_before: datetime | None = None,
        most_notices: int | None = None,
    ) -> Claim | None:
        """Leases the oldest due message to the caller alone; a lease that ran out without an outcome is due again.

        A message waits for earlier ones to the same receiver about the same alert, so that no resolve overtakes.
        One that failed, and was written before ``fold_before``, takes in everything else that waits for the receiver
        (up to ``most_notices``): one new message with the newest state of each alert, and what happened in between.
        """
        ...

    def delivered(self, claim: Claim, *, at: datetime, answer: str) -> None: ...

    def failed(self, claim: Claim, *, error: str, again_at: datetime) -> None: ...

    def parked(self, claim: Claim, *, at: datetime, error: str) -> None: ...

    def pending_counts(self) -> Mapping[str, int]:
        """Messages neither delivered nor parked, by receiver; receivers without any are left out."""
        ...

    def delivery_counts(self) -> DeliveryCounts: ...

    def parked_messages(self) -> Sequence[ParkedMessage]:
        """Newest first."""
        ...


class DeliveryLog(Protocol):
    """The outbox as people look it up."""

    def page(
        self,
        *,
        limit: int,
        offset: int = 0,
        alert_id: str | None = None,
        receiver: str | None = None,
        state: DeliveryState | None = None,
    ) -> DeliveryPage:
        """Newest first; the rest: only about that alert, to that receiver, in that state."""
        ...

    def troubles(self) -> Sequence[ReceiverTrouble]:
        """Receivers that refused messages or statements and have taken none since, then those that fail now; by
        name."""
        ...


class Leadership(Protocol):
    """At most one process leads: it schedules, evaluates and delivers.

    ``AlertStore.apply``, ``Outbox.claim``, ``StatementLog.due`` and the writes of snapshots and verdicts of days raise
    ``NotLeading`` in a process that has asked to lead and does not lead now.
    """

    def try_lead(self) -> bool:
        """Whether this process leads now. Asked every few seconds: it renews the lease, takes a free one or one whose
        holder is silent, and notices a lost one.

        Raises ``Unreachable`` while the database cannot be asked; then this process does not lead.
        """
        ...

    def holds(self) -> bool:
        """Whether the lease was renewed recently enough that no other process can have it. Asks nobody."""
        ...

    def resign(self) -> None:
        """Gives the lock up; harmless for one that does not lead."""
        ...


class JobRequests(Protocol):
    """What people asked the leader to run now, on any replica; it is remembered until it has been done."""

    def add(self, jobs: Collection[str], entry: AuditEntry) -> None:
        """Requests each job, unless it is requested already, and records who did."""
        ...

    def pending(self) -> Mapping[str, datetime]:
        """Job -> when it was first requested, by job."""
        ...

    def done(self, requests: Mapping[str, datetime]) -> None:
        """Forgets these of the pending ones; a later request of the same job stays."""
        ...


class AuditLog(Protocol):
    """Who did what, when, from where and why (``AlertStore.respond`` and ``JobRequests.add`` write that), and failed
    sign-ins."""

    def record(self, entries: Sequence[AuditEntry]) -> None:
        """Adds what belongs to no alert."""
        ...

    def page(
        self, *, limit: int, offset: int = 0, actor: str | None = None, action: AuditAction | None = None
    ) -> AuditPage:
        """Newest first; ``actor``, ``action``: only theirs, only such."""
        ...


class SignOffs(Protocol):
    """Which team's month was signed off, when and by whom."""

    def of(self, month: date) -> Sequence[SignOff]:
        """The newest of each team, by its name."""
        ...

    def record(self, signed: SignOff, entry: AuditEntry) -> None:
        """In one transaction with ``entry`` in the audit log."""
        ...


class PolicyTexts(Protocol):
    """The last valid versions of policy files."""

    def kept(self) -> Mapping[str, str]:
        """File -> text."""
        ...

    def keep(self, texts: Mapping[str, str]) -> None:
        """Adds and replaces; other files stay kept."""
        ...


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """``missing_since``: when no file had it for the first time; None: it is there. ``removal_confirmed``: somebody has
    said that it is removed for good."""

    missing_since: datetime | None = None
    removal_confirmed: bool = False


class KnownPolicies(Protocol):
    """The policies of the latest evaluation, and those that are missing since an earlier one."""

    def read(self) -> Mapping[str, KnownPolicy]:
        """By name."""
        ...

    def write(self, policies: Mapping[str, KnownPolicy]) -> None:
        """Replaces all. Raises ``NotLeading``."""
        ...

    def confirm(self, names: Collection[str]) -> None:
        """Confirms the removal of these."""
        ...


class Keys(Protocol):
    """Secrets of the service's own, made once and shared by all replicas."""

    def signing_key(self) -> bytes:
        """32 random bytes: made when asked for the first time, the same for ever after, in every process."""
        ...
