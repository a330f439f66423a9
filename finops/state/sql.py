"""What SQLite and PostgreSQL spell alike and SQLAlchemy's common language does not have; ids by their beginning."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from finops.errors import Terminal

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    # a dialect takes long to import, and only one of the two is spoken
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


def insert_new(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Adds a row unless its key is there; whether it was added (``rowcount`` is -1 on psycopg, hence ``returning``)."""
    key = next(iter(table.primary_key.columns))
    statement = insert(connection, table).values(**row).on_conflict_do_nothing().returning(key)
    return connection.execute(statement).first() is not None


def insert_all_new(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds every row whose key is not there yet."""
    if rows:
        connection.execute(insert(connection, table).on_conflict_do_nothing(), list(rows))


def put(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds rows, or replaces those whose key is there. All rows have the same columns."""
    if not rows:
        return
    statement = insert(connection, table)
    keys = [column.name for column in table.primary_key.columns]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def in_order(connection: sa.Connection, column: sa.Column[str]) -> sa.ColumnElement[str]:
    """To sort by code points, as Python and SQLite do; PostgreSQL sorts by its own language else."""
    return column if connection.dialect.name == "sqlite" else sa.collate(column, "C")


_SHOWN = 5
"""How many ids an ambiguous prefix is answered with."""


def identify(
    connection: sa.Connection, column: sa.Column[str], prefix: str, *, noun: str, error: type[Terminal], remedy: str
) -> str:
    """The one id of ``column`` that starts so. Raises ``error``; ``remedy``: how to find an id that is there."""
    wanted = prefix.strip().lower()
    where = f"{noun} '{wanted}'"
    if not wanted or not set(wanted) <= set(string.hexdigits):
        raise error(f"no {noun} has this ID", where=where, remedy=f"An id is hexadecimal. {remedy}")
    starts = column.startswith(wanted, autoescape=True)
    ids = list(connection.scalars(sa.select(column).where(starts).order_by(column).limit(_SHOWN + 1)))
    if not ids:
        raise error(f"the state has no such {noun}", where=where, remedy=remedy)
    if len(ids) > 1 and ids[0] != wanted:
        shown = ", ".join(ids[:_SHOWN]) + (" …" if len(ids) > _SHOWN else "")
        raise error(f"several {noun}s have this prefix: {shown}", where=where, remedy="Write more characters of the ID")
    return str(ids[0])
