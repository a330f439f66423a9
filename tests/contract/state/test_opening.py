"""Opening, upgrading and leading, on every database."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations

from finops.errors import BrokenStore
from finops.model.alert import AlertRecord, AlertState
from finops.model.finding import Severity
from finops.ports.state import AlertStep
from finops.state import Address, State, open_state
from finops.state.database import Database
from finops.state.migrate import migrate, upgrade
from finops.state.tables import metadata
from tests.support.service_process import PROCESSES
from tests.support.verdicts import T0, MovableClock, verdict


def database(url: str, base: Path) -> Database:
    return Database(Address.parse(url, base=base))


def test_the_migrations_make_the_tables_that_the_program_uses(state_url: str, tmp_path: Path) -> None:
    opened = database(state_url, tmp_path)
    upgrade(opened)

    with opened.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
        upgraded = everything_in(connection)
    with opened.write() as connection:
        metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE alembic_version"))
        if not opened.is_sqlite:
            connection.execute(sa.text("DROP FUNCTION refuse_audit_change"))
    migrate(opened)
    with opened.read() as connection:
        created = everything_in(connection)
    opened.close()

    assert differences == []
    assert created == upgraded
    assert len(created["triggers"]) == 1


def everything_in(connection: sa.Connection) -> dict[str, Any]:
    """Tables, their rows, and triggers."""
    seen = sa.inspect(connection)
    tables = {
        name: (
            sorted(map(str, seen.get_columns(name))),
            seen.get_pk_constraint(name),
            *(
                sorted(facts(name), key=lambda fact: str(fact["name"]))
                for facts in (
                    seen.get_foreign_keys,
                    seen.get_indexes,
                    seen.get_unique_constraints,
                    seen.get_check_constraints,
                )
            ),
            connection.execute(sa.text(f"SELECT * FROM {name}")).all(),
        )
        for name in seen.get_table_names()
    }
    triggers = (
        "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal"
    )
    return {**tables, "triggers": connection.scalars(sa.text(triggers)).all()}


def test_what_was_written_is_there_after_opening_again(state: State, state_url: str, tmp_path: Path) -> None:
    state.snapshots.save(b"kept", T0)
    state.close()

    again = open_state(state_url, base=tmp_path, clock=MovableClock())

    stored = again.snapshots.latest()
    assert stored is not None
    assert stored.content == b"kept"
    again.close()


def test_alerts_of_an_older_program_are_listed_as_before(state: State, state_url: str, tmp_path: Path) -> None:
    group = {"team": "über", "app": "x"}
    firing, silenced, over = (
        AlertRecord(str(number), alert_state, Severity.CRITICAL, verdict(group=group), T0, T0, silence=silence)
        for number, (alert_state, silence) in enumerate(
            [(AlertState.FIRING, ""), (AlertState.PENDING, "s1"), (AlertState.RESOLVED, "")]
        )
    )
    state.alerts.respond(T0, lambda _: AlertStep((firing, silenced, over)))
    opened = database(state_url, tmp_path)
    table = metadata.tables["alerts"]
    with opened.write() as connection:
        now = connection.execute(sa.select(table).order_by(table.c.id)).all()
        operations = Operations(MigrationContext.configure(connection))
        for later in ("known_policies", "requested_jobs", "sign_offs", "incidents", "savings"):
            operations.drop_table(later)
        operations.drop_index("ix_alerts_state_status_severity_owner_policy", "alerts")
        with operations.batch_alter_table("alerts") as batch:
            for name in ("status", "severity", "policy", "group_label", "owner", "since"):
                batch.drop_column(name)
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0010'"))

    open_state(state_url, base=tmp_path, clock=MovableClock()).close()

    with opened.read() as connection:
        assert connection.execute(sa.select(table).order_by(table.c.id)).all() == now
    opened.close()
    assert [record.status for record in state.alerts.alerts()] == ["firing", "silenced", "resolved"]


def test_a_state_of_a_newer_program_is_left_alone(state: State, state_url: str, tmp_path: Path) -> None:
    opened = database(state_url, tmp_path)
    with opened.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'from the future'"))

    with pytest.raises(BrokenStore, match="newer version of finops"):
        open_state(state_url, base=tmp_path, clock=MovableClock())

    with opened.read() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "from the future"
    opened.close()


def test_replicas_may_start_together(state_url: str, tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=PROCESSES) as pool:
        leads = list(pool.map(_open_and_try_to_lead, [(state_url, str(tmp_path))] * 4))

    assert leads == [True] * 4  # one after another: each gives the lead up when it closes


def test_one_leads_and_another_takes_over(state: State, state_url: str, tmp_path: Path) -> None:
    other = open_state(state_url, base=tmp_path, clock=MovableClock())

    assert state.leader.try_lead()
    assert state.leader.try_lead()
    assert not other.leader.try_lead()
    state.leader.resign()
    state.leader.resign()
    assert other.leader.try_lead()
    assert not state.leader.try_lead()
    other.close()
    assert state.leader.try_lead()


def test_a_leader_in_another_process_is_respected_and_its_death_noticed(
    state: State, state_url: str, tmp_path: Path
) -> None:
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=_lead_until_killed, args=(state_url, str(tmp_path), theirs))
    process.start()
    try:
        assert ours.poll(60)
        assert ours.recv() is True
        assert not state.leader.try_lead()
    finally:
        process.kill()
        process.join()

    # PostgreSQL frees the lock when it sees the connection's end, which may take it a moment
    waiting = MovableWait()
    while not state.leader.try_lead():
        waiting.once_more()


def test_a_lost_connection_is_noticed_and_the_lead_taken_again(
    postgres_server: Any, postgres_database: str, tmp_path: Path
) -> None:
    one = open_state(postgres_database, base=tmp_path, clock=MovableClock())
    assert one.leader.try_lead()
    name = postgres_database.rpartition("/")[2].partition("?")[0]

    postgres_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    other = open_state(postgres_database, base=tmp_path, clock=MovableClock())
    waiting = MovableWait()
    while not other.leader.try_lead():
        waiting.once_more()

    assert not one.leader.try_lead()
    other.close()
    assert one.leader.try_lead()
    assert one.snapshots.latest() is None  # pooled connections repair themselves
    one.close()


class MovableWait:
    """A bounded wait on what no event tells of."""

    def __init__(self) -> None:
        import threading

        self._left, self._never = 300, threading.Event()

    def once_more(self) -> None:
        self._left -= 1
        assert self._left, "waited in vain"
        self._never.wait(0.1)


def _open_and_try_to_lead(where: tuple[str, str]) -> bool:
    url, base = where
    opened = open_state(url, base=Path(base), clock=MovableClock())
    opened.snapshots.save(b"x", T0)
    waiting = MovableWait()
    while not opened.leader.try_lead():
        waiting.once_more()
    opened.close()
    return True


def _lead_until_killed(url: str, base: str, pipe: Any) -> None:
    opened = open_state(url, base=Path(base), clock=MovableClock())
    pipe.send(opened.leader.try_lead())
    pipe.recv()
