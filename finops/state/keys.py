"""Secrets of the service's own."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from finops.state.database import Database
from finops.state.sql import insert_new
from finops.state.tables import keys

_SIGNING = "signing"
_BYTES = 32


class StoredKeys:
    """``finops.ports.state.Keys`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def signing_key(self) -> bytes:
        with self._database.write(serial="keys") as connection:
            # whoever comes second adds nothing, and reads what the first has written
            insert_new(connection, keys, {"name": _SIGNING, "value": secrets.token_bytes(_BYTES)})
            return bytes(connection.execute(sa.select(keys.c.value).where(keys.c.name == _SIGNING)).scalar_one())
