"""The last valid versions of policy files."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import sqlalchemy as sa

from finops.state.database import Database
from finops.state.sql import put
from finops.state.tables import policy_texts


class KeptPolicyTexts:
    """``finops.ports.state.PolicyTexts`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def kept(self) -> Mapping[str, str]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(policy_texts.c.file, policy_texts.c.content)).all()
        return {row.file: zlib.decompress(row.content).decode() for row in rows}

    def keep(self, texts: Mapping[str, str]) -> None:
        kept = self.kept()
        rows = [
            {"file": file, "content": zlib.compress(text.encode())}
            for file, text in sorted(texts.items())
            if kept.get(file) != text
        ]
        if rows:
            with self._database.write(serial="policy_texts") as connection:
                put(connection, policy_texts, rows)
