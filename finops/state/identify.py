"""An id, or as much of it as tells it from the others."""

from __future__ import annotations

import string

import sqlalchemy as sa

from finops.errors import Terminal

_SHOWN = 5
"""How many ids an ambiguous prefix is answered with."""


def identify(
    connection: sa.Connection, column: sa.Column[str], prefix: str, *, noun: str, error: type[Terminal], remedy: str
) -> str:
    """The one id of ``column`` that starts so. Raises ``error``; ``remedy``: how to find an id that is there."""
    wanted = prefix.strip().lower()
    where = f"{noun} '{wanted}'"
    if not wanted or not set(wanted) <= set(string.hexdigits):
        raise error(f"no {noun} has such an id", where=where, remedy=f"An id is hexadecimal. {remedy}")
    starts = column.startswith(wanted, autoescape=True)
    ids = list(connection.scalars(sa.select(column).where(starts).order_by(column).limit(_SHOWN + 1)))
    if not ids:
        raise error(f"the state holds no such {noun}", where=where, remedy=remedy)
    if len(ids) > 1 and ids[0] != wanted:
        shown = ", ".join(ids[:_SHOWN]) + (" …" if len(ids) > _SHOWN else "")
        raise error(f"several {noun}s start so: {shown}", where=where, remedy="Write more of the id")
    return str(ids[0])
