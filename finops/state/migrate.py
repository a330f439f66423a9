"""Brings the tables to this program's own revision, once, however many replicas start together."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from finops.errors import BrokenStore
from finops.state.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """All pending revisions in one transaction, one process at a time.

    Raises ``BrokenStore`` for a state that a newer program has written.
    """
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
