"""The last valid versions of policy files, and which policies there are."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from finops.ports.state import KnownPolicy
from finops.state.database import Database
from finops.state.sql import put
from finops.state.tables import known_policies, policy_texts


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


class KnownPolicyRows:
    """``finops.ports.state.KnownPolicies`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Mapping[str, KnownPolicy]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(known_policies)).all()
        return {row.name: KnownPolicy(row.missing_since, row.removal_confirmed) for row in rows}

    def write(self, policies: Mapping[str, KnownPolicy]) -> None:
        rows = [
            {"name": name, "missing_since": one.missing_since, "removal_confirmed": one.removal_confirmed}
            for name, one in sorted(policies.items())
        ]
        with self._database.write(serial="known_policies", leading=True) as connection:
            connection.execute(known_policies.delete())
            put(connection, known_policies, rows)

    def confirm(self, names: Collection[str]) -> None:
        rows = [{"name": name, "removal_confirmed": True} for name in sorted(names)]
        with self._database.write(serial="known_policies") as connection:
            put(connection, known_policies, rows)
