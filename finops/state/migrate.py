"""Brings the tables to this program's own revision, once, however many replicas start together."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa

from finops.errors import BrokenStore
from finops.state.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"
_REVISION = re.compile(r'^revision = "(.+)"$', re.MULTILINE)


def migrate(database: Database) -> None:
    """All pending revisions in one transaction, one process at a time.

    Raises ``BrokenStore`` for a state that a newer program has written.
    """
    if _revision(database) == newest_revision():
        return
    from alembic import command  # noqa: PLC0415 - takes half a second to import, and is seldom needed
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util.exc import CommandError  # noqa: PLC0415

    config = Config()
    # '%' starts an interpolation in alembic's configuration
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.write(serial="migrate") as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise BrokenStore(
                "its schema revision is unknown to this version",
                where=database.address.shown,
                remedy="Run the newer version of finops that wrote it, or restore a backup",
            ) from error


def newest_revision() -> str:
    """That of this program, read without importing Alembic."""
    files = (_SCRIPTS / "versions").glob("*.py")
    return max(found[1] for file in files if (found := _REVISION.search(file.read_text(encoding="utf-8"))))


def _revision(database: Database) -> str | None:
    """None where there are no tables yet."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return found
