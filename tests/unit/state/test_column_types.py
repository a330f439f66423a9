"""Column types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import StatementError

from finops.state.column_types import Moment, Text


def test_a_moment_comes_back_in_utc() -> None:
    engine = sa.create_engine("sqlite://")
    moment = datetime(2026, 3, 20, 1, tzinfo=timezone(timedelta(hours=-5)))
    with engine.connect() as connection:
        back = connection.scalar(sa.select(sa.literal(moment, Moment)))
    engine.dispose()

    assert back == datetime(2026, 3, 20, 6, tzinfo=UTC)
    assert back.tzinfo is UTC


def test_a_moment_without_a_zone_is_a_mistake() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(StatementError, match="time zone"):
        connection.scalar(sa.select(sa.literal(datetime(2026, 3, 20, 1), Moment)))  # noqa: DTZ001 - the mistake
    engine.dispose()


def test_text_that_no_database_takes_is_replaced() -> None:
    dialect = sa.create_engine("sqlite://").dialect

    assert Text().process_bind_param("a\x00b\ud800c \U0001f4b8", dialect) == "a\ufffdb?c \U0001f4b8"
