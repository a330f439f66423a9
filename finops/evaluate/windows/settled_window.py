"""The last settled days: what a share is measured over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from finops.errors import InvalidValue
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.moment import Moment
from finops.model.period import Period

_LONGEST_DAYS = 366
_REACH_BACK = timedelta(days=31)
"""A source that has been late for longer than this leaves no window that is worth a share."""

_DAY = timedelta(days=1)
_WRITTEN = re.compile(r"(\d+)d")


def _days(value: object) -> int:
    match = _WRITTEN.fullmatch(str(value))
    if match is None:
        raise InvalidValue(f"'{value}' is not a valid number of days", "Write it like 30d")
    days = int(match[1])
    if not 1 <= days <= _LONGEST_DAYS:
        raise InvalidValue(f"'{value}' is not a valid window", f"Write 1d to {_LONGEST_DAYS}d")
    return days


WindowDays = Annotated[
    int, BeforeValidator(_days), WithJsonSchema({"type": "string", "pattern": r"^\d+d$", "examples": ["30d"]})
]


@dataclass(frozen=True, slots=True)
class SettledWindow:
    """The last ``days`` settled days of a group."""

    days: int

    def needed(self, moment: Moment) -> Period:
        """Every day that the window can hold, whichever day is the last settled one; up to today."""
        return Period(moment.today - _REACH_BACK - timedelta(days=self.days), moment.today + _DAY)

    def of(self, data: GroupData) -> Period:
        """Raises ``Unknowable`` where no day is settled, or none of the last month."""
        last = data.settled_through
        if last is None:
            raise Unknowable(data.gap(data.moment.last_day_due) or "no day is settled yet")
        if last < data.moment.today - _REACH_BACK:
            raise Unknowable(f"the last settled day is {last}, more than {_REACH_BACK.days} days ago")
        return Period(last - (self.days - 1) * _DAY, last + _DAY)

    def before(self, window: Period) -> tuple[date, ...]:
        """Three times as many days, just before ``window``: a change shows for longer than one window."""
        return tuple(window.start - offset * _DAY for offset in range(3 * self.days, 0, -1))


def late_start(data: GroupData, window: Period) -> tuple[str, ...]:
    """A note where the rows of the group begin inside ``window``."""
    days = sorted(data.daily)
    first = days[0] if days else None
    if first is None or first <= window.start or first not in window:
        return ()
    return (f"the costs of this group begin on {first}: {(window.end - first).days} of {window.days} days count",)
