"""Parses days and times of command line options."""

from __future__ import annotations

from datetime import UTC, date, datetime

from finops.errors import BadArguments, InvalidValue


def parse_day(text: str, option: str) -> date:
    """``2026-03-01``. Raises ``BadArguments``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadArguments(f"'{text}' is not a valid date", where=option, remedy="Write it like 2026-03-01") from None


def parse_month(text: str, option: str) -> date:
    """``2026-03``: its first day. Raises ``BadArguments``."""
    from finops.model.invoice import parse_month as month_of

    try:
        return month_of(text)
    except InvalidValue as error:
        raise BadArguments(error.what, where=option, remedy=error.remedy) from None


def parse_moment(text: str, option: str) -> datetime:
    """``2026-03-20T06:00:00Z`` or a day (its midnight); without a zone it is UTC. Raises ``BadArguments``."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadArguments(
            f"'{text}' is not a valid time", where=option, remedy="Write it like 2026-03-20T06:00:00Z"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
