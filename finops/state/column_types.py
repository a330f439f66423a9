"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from finops.model.finding import Finding


class Moment(TypeDecorator[datetime]):
    """An aware datetime, UTC in and out. SQLite keeps no zone: there it is stored as UTC without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - the base class's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Text(TypeDecorator[str]):
    """Text from anywhere. PostgreSQL takes no NUL and no half of a surrogate pair: both are replaced."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - the base class's signature
        if value is None:
            return None
        text = str(value)
        if text.isascii() and "\x00" not in text:  # almost every text of ten thousand alerts
            return text
        return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class JsonText(str):
    """The value of a JSON column that is text already."""

    __slots__ = ()


def with_finding(values: Mapping[str, Any], finding: Finding) -> JsonText:
    """``values`` and, as ``finding``, the finding, whose text is made once for everything that stores it."""
    return JsonText(f'{json.dumps(values)[:-1]},"finding":{finding.text}}}')


def json_text(value: object) -> str:
    """What goes into a JSON column."""
    return value if isinstance(value, JsonText) else json.dumps(value)
