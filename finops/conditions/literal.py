"""Literals of a condition as values, exact."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from finops.errors import InvalidValue
from finops.model.money import EXACT, SCALE

WHOLE_DIGITS = 38 - SCALE


def number(text: str) -> Decimal:
    """A number that ``Decimal(38, 15)`` holds. Raises ``InvalidValue``."""
    try:
        value = Decimal(text)
    except InvalidOperation:  # pragma: no cover - the tokenizer admits numbers only
        raise InvalidValue(f"'{text}' is not a valid number", "Write it like 12.5") from None
    try:
        fits = value == value.quantize(Decimal(1).scaleb(-SCALE), context=EXACT) and value.adjusted() < WHOLE_DIGITS
    except InvalidOperation:  # more digits than the context itself has
        fits = False
    if not fits:
        raise InvalidValue(
            f"'{text}' has more digits than an amount",
            f"Amounts have up to {WHOLE_DIGITS} digits before the decimal point and {SCALE} behind it",
        )
    return value


def moment(text: str) -> datetime:
    """``2026-03-01`` (its first moment) or an ISO 8601 time; without a zone it is UTC. Raises like ``number``."""
    try:
        if len(text) == len("2026-03-01"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(
            f"'{text}' is not a valid time", "Write it like '2026-03-01' or '2026-03-01T06:00:00Z'"
        ) from None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
