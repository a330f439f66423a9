"""Texts by their digest: stored once, compressed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from finops.state.sql import insert_all_new
from finops.state.tables import documents


def digest_of(text: str) -> str:
    """``sha256:…`` of the text's UTF-8 bytes."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def store(connection: sa.Connection, texts: Iterable[str]) -> None:
    rows = {digest_of(text): text for text in texts}
    known = set(connection.scalars(sa.select(documents.c.digest).where(documents.c.digest.in_(rows))))
    insert_all_new(
        connection,
        documents,
        [
            {"digest": digest, "content": zlib.compress(text.encode())}
            for digest, text in sorted(rows.items())
            if digest not in known
        ],
    )


def load(connection: sa.Connection, digests: Iterable[str]) -> Mapping[str, str]:
    """The texts that are there, by digest."""
    wanted = documents.c.digest.in_(sorted(set(digests)))
    rows = connection.execute(sa.select(documents.c.digest, documents.c.content).where(wanted))
    return {row.digest: zlib.decompress(row.content).decode() for row in rows}
