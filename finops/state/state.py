"""The state as one thing to open and close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from finops.ports.clock import Clock, Monotonic, since_boot
from finops.ports.documents import StatementLog
from finops.ports.incidents import IncidentHistory
from finops.ports.request_costs import RequestCosts
from finops.ports.savings import SavingClaims
from finops.ports.state import (
    AlertStore,
    AuditLog,
    CollectionLog,
    DeliveryLog,
    FindingArchive,
    JobRequests,
    Keys,
    KnownPolicies,
    Leadership,
    Outbox,
    PolicyTexts,
    SignOffs,
    SnapshotStore,
    VerdictHistory,
)
from finops.state.address import Address
from finops.state.alerts import Alerts
from finops.state.archive import Archive
from finops.state.audit import Audit
from finops.state.database import Database
from finops.state.deliveries import Deliveries, StatementDeliveries
from finops.state.incidents import StoredIncidents
from finops.state.keys import StoredKeys
from finops.state.leader import Lease, process_lock
from finops.state.migrate import check_revision, migrate
from finops.state.outbox import MessageStore
from finops.state.policy_texts import KeptPolicyTexts, KnownPolicyRows
from finops.state.pruning import Pruned, prune
from finops.state.request_costs import BookedRequestCosts
from finops.state.requested_jobs import RequestedJobs
from finops.state.runs import Runs
from finops.state.savings import StoredSavings
from finops.state.sign_offs import StoredSignOffs
from finops.state.snapshots import Snapshots
from finops.state.verdict_days import VerdictDays

KEEP_QUIET = timedelta(days=30)
"""How long a finding is kept that changed no alert: an hourly verdict on every group would fill the audit time."""


@dataclass(frozen=True, slots=True)
class State:
    """Every store of one database. Safe to use from several threads."""

    collections: CollectionLog
    archive: FindingArchive
    snapshots: SnapshotStore
    alerts: AlertStore
    incidents: IncidentHistory
    audit: AuditLog
    requested_jobs: JobRequests
    outbox: Outbox
    deliveries: DeliveryLog
    verdict_days: VerdictHistory
    leader: Leadership
    request_costs: RequestCosts
    keys: Keys
    statements: StatementLog
    policy_texts: PolicyTexts
    known_policies: KnownPolicies
    sign_offs: SignOffs
    savings: SavingClaims
    _database: Database
    _clock: Clock

    def prune(self, *, keep: timedelta, keep_quiet: timedelta = KEEP_QUIET) -> Pruned:
        """Forgets what ended longer ago than ``keep``, and findings that changed no alert after ``keep_quiet``."""
        return prune(self._database, self._clock.now(), keep=keep, keep_quiet=keep_quiet)

    def close(self) -> None:
        """Gives the lead up and closes every connection."""
        self.leader.resign()
        self._database.close()


def check_state(url: str, *, base: Path) -> None:
    """Raises what ``open_state`` would where the state does not answer; makes and changes nothing."""
    address = Address.parse(url, base=base)
    if address.is_missing:
        return
    database = Database(address)
    try:
        check_revision(database)
    finally:
        database.close()


def unopened_request_costs() -> RequestCosts:
    """Of no state: for kinds that are made and ask nothing."""
    return BookedRequestCosts(Database(Address.parse("sqlite:///unopened.db", base=Path())))


def open_state(url: str, *, base: Path, clock: Clock, monotonic: Monotonic = since_boot) -> State:
    """Opens the state, making or upgrading its tables; several processes may do so at once.

    ``url``: ``sqlite:///path`` (relative to ``base``; its folder is made), or
    ``postgresql+psycopg://user:password@host/database``. Raises ``BadArguments`` (no such kind of URL),
    ``AccessDenied``, ``Unreachable``, ``BrokenStore`` (written by a newer program, or no database at all).
    No error holds the URL's user, password or options.
    """
    address = Address.parse(url, base=base)
    database = Database(address)
    try:
        migrate(database)
        with database.write(serial="keys") as connection:
            database.identity.learn(connection)
    except BaseException:
        database.close()
        raise
    lease = Lease(database, process_lock(address), monotonic)
    database.fence = lease.fence
    return State(
        collections=Runs(database),
        archive=Archive(database, clock),
        snapshots=Snapshots(database, clock),
        alerts=Alerts(database),
        incidents=StoredIncidents(database),
        audit=Audit(database),
        requested_jobs=RequestedJobs(database),
        outbox=MessageStore(database),
        deliveries=Deliveries(database),
        verdict_days=VerdictDays(database),
        leader=lease,
        request_costs=BookedRequestCosts(database),
        keys=StoredKeys(database),
        statements=StatementDeliveries(database),
        policy_texts=KeptPolicyTexts(database),
        known_policies=KnownPolicyRows(database),
        sign_offs=StoredSignOffs(database),
        savings=StoredSavings(database),
        _database=database,
        _clock=clock,
    )
