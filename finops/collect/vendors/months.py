"""Which months of a vendor's bill are asked for."""

from __future__ import annotations

from collections.abc import Container
from datetime import date

from finops.model.period import month_start
from finops.ports.source import Window


def months_to_read(
    today: date, known: Container[date], window: Window, *, newest: int, since: date | None
) -> list[date]:
    """Starts of months, oldest first: the ``newest`` ones, and older ones from ``since`` that are not ``known``.

    A window with a first day asks for everything from there, known or not. Nothing is asked outside of the window.
    """
    open_month = month_start(today)
    again = month_start(open_month, 1 - newest)
    first = min(month_start(window.first or since or again), again)
    months, month = [], first
    while month <= open_month:
        wanted = month >= again or window.first is not None or month not in known
        if wanted and month in window:
            months.append(month)
        month = month_start(month, 1)
    return months
