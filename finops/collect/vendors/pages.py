"""Reports that come in pages of daily buckets: ``{"data": […], "has_more": …, "next_page": …}``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from finops.errors import RefusedBatch
from finops.http_client import Answers
from finops.model.period import Period

Parameters = list[tuple[str, str]]

_REMEDY = "Report it: the API returned an unknown format"
_MOST_PAGES = 10_000


def results(
    answers: Answers, path: str, parameters: Parameters, days: Period, *, and_beyond: date | None = None
) -> Iterator[tuple[date, Any]]:
    """Every result of every page with the UTC day of its bucket.

    ``and_beyond``: a day whose bucket may come as well, and is skipped. Raises ``RefusedBatch`` for a page of another
    form, a bucket outside of ``days`` and pages without an end, and what asking raises.
    """
    where = f"{answers.api.where} ({path})"
    for bucket in items(answers, path, parameters):
        day = day_of(bucket, days, where, and_beyond=and_beyond)
        if day is not None:
            for result in member(bucket, "results", list, where):
                yield day, result


def items(answers: Answers, path: str, parameters: Parameters) -> Iterator[Any]:
    """Everything in ``data`` of every page. Raises as ``results`` does."""
    where = f"{answers.api.where} ({path})"
    page: Parameters = []
    for _ in range(_MOST_PAGES):
        answer = answers.get(path, [*parameters, *page])
        yield from member(answer, "data", list, where)
        if not member(answer, "has_more", bool, where):
            return
        page = [("page", member(answer, "next_page", str, where))]
    raise RefusedBatch(f"more than {_MOST_PAGES} pages came", where=where, remedy=_REMEDY)


def day_of(bucket: Any, days: Period, where: str, *, and_beyond: date | None = None) -> date | None:
    """The UTC day on which ``bucket`` starts; None for ``and_beyond``. Raises ``RefusedBatch`` for any other day."""
    day = _day(bucket, where)
    if day == and_beyond:
        return None
    if day not in days:
        raise RefusedBatch(f"the response contains {day}, outside the requested {days}", where=where, remedy=_REMEDY)
    return day


def member(value: Any, name: str, kind: type[Any], where: str) -> Any:
    """``value[name]``. Raises ``RefusedBatch`` where it is not there, or no ``kind``."""
    found = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(found, kind):
        what = f"'{name}' is missing from the response" if found is None else f"'{name}' is not a valid {kind.__name__}"
        raise RefusedBatch(what, where=where, remedy=_REMEDY)
    return found


def number(value: Any, name: str, where: str) -> Decimal:
    """``value[name]``, a number or its text. Raises ``RefusedBatch`` where it is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    try:
        amount = Decimal(str(found))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise RefusedBatch(f"'{name}' is '{found}', which is not a valid number", where=where, remedy=_REMEDY)
    return amount


def text(value: Any, name: str) -> str | None:
    """``value[name]`` where it is a text that is not blank."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) and found.strip() else None


def _day(bucket: Any, where: str) -> date:
    """A bucket starts at a midnight UTC, in seconds (``start_time``) or in RFC 3339 (``starting_at``)."""
    if isinstance(bucket, Mapping) and isinstance(bucket.get("start_time"), int):
        return datetime.fromtimestamp(bucket["start_time"], UTC).date()
    started = member(bucket, "starting_at", str, where)
    try:
        return datetime.fromisoformat(started).astimezone(UTC).date()
    except ValueError:
        raise RefusedBatch(
            f"'starting_at' is '{started}', which is not a valid time", where=where, remedy=_REMEDY
        ) from None
