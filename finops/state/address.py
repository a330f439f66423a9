"""Where the state stands: an SQLite file or a PostgreSQL database, from one URL."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from finops.errors import AccessDenied, BadArguments

_SQLITE, _POSTGRESQL = "sqlite", "postgresql+psycopg"
_REMEDY = f"Write {_SQLITE}:///path or {_POSTGRESQL}://user:password@host/database"


@dataclass(frozen=True, slots=True)
class Address:
    """``shown`` names the place in errors: no user, password or option of the URL is in it."""

    url: URL = field(repr=False)
    shown: str
    file: Path | None
    """The database file of an SQLite state; None for PostgreSQL."""

    @classmethod
    def parse(cls, url: str, *, base: Path) -> Address:
        """A relative SQLite path counts from ``base``. Raises ``BadArguments``."""
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            # the URL may hold a password: it is not repeated
            raise BadArguments("not a database URL", where="state", remedy=_REMEDY) from None
        if parsed.drivername == _SQLITE:
            return cls._sqlite(parsed, base)
        if parsed.drivername == _POSTGRESQL:
            return cls._postgresql(parsed)
        raise BadArguments("neither SQLite nor PostgreSQL through psycopg", where="state", remedy=_REMEDY)

    @classmethod
    def _sqlite(cls, url: URL, base: Path) -> Address:
        if not url.database or url.database == ":memory:":
            raise BadArguments("an SQLite state needs a file", where="state", remedy=_REMEDY)
        file = base / url.database
        return cls(url.set(database=str(file)), f"state ({file})", file)

    @classmethod
    def _postgresql(cls, url: URL) -> Address:
        if "@" in f"{url.host}{url.database}":
            # an '@' of the password was taken for the end of it: the host would show the rest
            remedy = "Percent-encode the password ('@' is %40)"
            raise BadArguments("the password contains an unescaped '@'", where="state", remedy=remedy)
        host = url.host or url.query.get("host") or "localhost"
        port = f":{url.port}" if url.port else ""
        return cls(url, f"state (postgresql://{host}{port}/{url.database or ''})", None)

    @property
    def is_missing(self) -> bool:
        """Whether it is an SQLite file that is still to be made. Raises ``AccessDenied`` where it cannot be made."""
        if self.file is None or self.file.exists():
            return False
        folder = next(folder for folder in self.file.parents if folder.exists())
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise AccessDenied(
                f"the file cannot be created in {folder}",
                where=self.shown,
                remedy=f"Make {folder} a writable directory",
            )
        return True

    def make_folder(self) -> None:
        """Raises ``AccessDenied`` where the folder of an SQLite file cannot be made."""
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AccessDenied(
                f"its directory cannot be created ({error.strerror})",
                where=self.shown,
                remedy=f"Make {self.file.parent} writable",
            ) from error
