"""Brings the tables to this program's own revision, once, however many replicas start together."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa

from finops.errors import BrokenStore
from finops.state.database import Database
from finops.state.tables import metadata

_SCRIPTS = Path(__file__).parent / "migrations"
_REVISION = re.compile(r'^revision = "(.+)"$', re.MULTILINE)


_version = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic keeps the revision."""


def migrate(database: Database) -> None:
    """Creates the tables in an empty database, or runs every pending revision; one process at a time.

    Raises ``BrokenStore`` for a state that a newer program has written.
    """
    found = check_revision(database)
    if found is None and _create(database):
        return
    if found != newest_revision():
        upgrade(database)


def upgrade(database: Database) -> None:
    """All pending revisions in one transaction."""
    from alembic import command  # noqa: PLC0415 - takes half a second to import, and is seldom needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # '%' starts an interpolation in alembic's configuration
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.write(serial="migrate") as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _create(database: Database) -> bool:
    """The tables as they are now, without their history, which takes four times as long:
    https://alembic.sqlalchemy.org/en/latest/cookbook.html#building-an-up-to-date-database-from-scratch

    False where another process was faster.
    """
    with database.write(serial="migrate") as connection:
        if sa.inspect(connection).has_table(_version.name):
            return False
        metadata.create_all(connection, checkfirst=False)  # a table that is there already belongs to someone else
        _version.create(connection)
        connection.execute(_version.insert().values(version_num=newest_revision()))
    return True


def newest_revision() -> str:
    return max(_revisions())


def check_revision(database: Database) -> str | None:
    """That of the tables, None where there are none yet. Raises ``BrokenStore`` for one that is not of this program."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table(_version.name):
            return None
        found: str | None = connection.scalar(sa.select(_version.c.version_num))
    if found is not None and found not in _revisions():
        raise BrokenStore(
            "its schema revision is unknown to this version",
            where=database.address.shown,
            remedy="Run the newer version of finops that wrote it, or restore a backup",
        )
    return found


def _revisions() -> set[str]:
    """Those of this program, read without importing Alembic."""
    files = (_SCRIPTS / "versions").glob("*.py")
    return {found[1] for file in files if (found := _REVISION.search(file.read_text(encoding="utf-8")))}
