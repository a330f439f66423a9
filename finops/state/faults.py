"""What SQLAlchemy and the drivers raise -> the errors of ``finops.errors``."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from finops.errors import AccessDenied, BrokenStore, FinopsError, Unreachable
from finops.state.address import Address

_NO_LOGIN = ("28", "42501")
"""SQLSTATE classes: invalid authorisation; insufficient privilege.
https://www.postgresql.org/docs/current/errcodes-appendix.html"""

_NO_LOGIN_TEXTS = ("authentication failed", "no password supplied", "permission denied", "pg_hba.conf", 'role "')
"""A refused connection has no SQLSTATE in libpq, only its text."""

_SQLITE_DENIED = ("unable to open database file", "readonly database", "disk I/O error")
_SQLITE_BROKEN = ("malformed", "not a database")


def to_finops_error(error: SQLAlchemyError, address: Address) -> FinopsError:
    """``what`` is the first line of the driver's own message: never a statement, its parameters or the password."""
    what = _first_line(error, address)
    where = address.shown
    sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    if sqlstate.startswith(_NO_LOGIN) or any(text in what for text in _NO_LOGIN_TEXTS):
        return AccessDenied(what, where=where, remedy="Check user, password and rights on the database")
    if any(text in what for text in _SQLITE_DENIED):
        return AccessDenied(what, where=where, remedy="Make the file and its folder writable, and check the disk")
    if any(text in what for text in _SQLITE_BROKEN):
        return BrokenStore(what, where=where, remedy="Restore the file from a backup, or start with a new one")
    if isinstance(error, PoolTimeout | OperationalError | InterfaceError):
        remedy = "Check that the database runs and answers" if address.file is None else "Try again"
        return Unreachable(what, where=where, remedy=remedy)
    return BrokenStore(what, where=where, remedy="Check that nothing but finops writes this database")


def _first_line(error: SQLAlchemyError, address: Address) -> str:
    own = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
    line = next((line.strip() for line in own.splitlines() if line.strip()), type(error).__name__)
    for secret in (address.url.password, address.url.query.get("password")):
        if isinstance(secret, str) and secret:
            line = line.replace(secret, "***")
    return line.rstrip(".")
