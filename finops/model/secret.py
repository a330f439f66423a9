"""A secret by reference: ``{env: NAME}`` or ``{file: PATH}``, never inline, never printed."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from finops.errors import AccessDenied, InvalidValue


class Secret(BaseModel):
    """Where a secret stands. Its value is read on use, so that a rotated secret is picked up.

    A relative ``file`` counts from the folder that ``reveal`` is given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_inline_value(cls, value: object) -> object:
        if isinstance(value, str):
            # the value itself must not be repeated: it may be the secret
            raise InvalidValue("a secret must not be written inline", "Write {env: NAME} or {file: PATH}")
        return value

    @model_validator(mode="after")
    def _exactly_one(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise InvalidValue("a secret requires exactly one of env and file", "Write {env: NAME} or {file: PATH}")
        return self

    def reveal(self, base: Path | None = None) -> str:
        """The value, without a final newline. Raises ``AccessDenied`` when it is not set or cannot be read."""
        if self.env is not None:
            value = os.environ.get(self.env)
            if not value:
                raise AccessDenied("the environment variable is not set", where=str(self), remedy=f"Set {self.env}")
            return value
        assert self.file is not None  # noqa: S101 - _exactly_one holds it; this tells the type checker
        path = (base or Path()) / self.file
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise AccessDenied(
                f"the secret's file cannot be read ({error.strerror})", where=str(self), remedy=f"Check {path}"
            ) from error

    def required(self, base: Path | None = None) -> str:
        """As ``reveal``; raises ``AccessDenied`` for an empty one, too."""
        value = self.reveal(base)
        if not value:
            raise AccessDenied("the secret is empty", where=str(self), remedy=f"Fill {self.env or self.file}")
        return value

    def __str__(self) -> str:
        return f"{{env: {self.env}}}" if self.env is not None else f"{{file: {self.file}}}"
