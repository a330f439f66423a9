"""Matches on many days of one data version: the rollup is read once, and each day sees its own part of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Generic, TypeVar

from finops.evaluate.aggregation.frames import Frames
from finops.evaluate.policy_fault import PolicyFault
from finops.evaluate.selection import SeriesRequest
from finops.evaluate.series.groups import LOOK_BACK, GroupKey
from finops.evaluate.series.series_query import GroupSeries, SeriesByPolicy, query_series, visible_days
from finops.model.period import Period

_DAY = timedelta(days=1)
T = TypeVar("T")


def series_by_day(frames: Frames, wanted: Mapping[date, Sequence[SeriesRequest]]) -> Callable[[date], SeriesByPolicy]:
    """For each of the days what ``query_series`` says on that day. ``wanted``: what is asked on each day, at least one.

    Policies that need single rows are matched anew on each day, all of them in one scan.
    """
    first, last = min(wanted), max(wanted)
    known = set(frames.scopes().collect_schema().names())
    in_rollup = [one.selection.columns <= known for one in wanted[last]]
    whole = [
        replace(one, window=_whole([asked[index].window for asked in wanted.values()], first, last))
        for index, one in enumerate(wanted[last])
        if in_rollup[index]
    ]
    of_rollup = [
        matched if isinstance(matched, PolicyFault) else _groups(matched)
        for matched in query_series(frames, whole, today=last)
    ]

    def on(today: date) -> SeriesByPolicy:
        asked = wanted[today]
        by_row = [one for one, scoped in zip(asked, in_rollup, strict=True) if not scoped]
        rows = iter(query_series(frames, by_row, today=today) if by_row else ())
        groups = iter(of_rollup)
        shown = {window: visible_days(window, today) for window in {one.window for one in asked}}
        return [
            _shown(next(groups), today, shown[one.window]) if scoped else next(rows)
            for one, scoped in zip(asked, in_rollup, strict=True)
        ]

    return on


def _shown(
    groups: _Groups | PolicyFault, today: date, shown: Period | None
) -> dict[GroupKey, GroupSeries] | PolicyFault:
    if isinstance(groups, PolicyFault):
        return groups
    return {key: group(today, shown) for key, group in groups.items()}


def _whole(windows: Sequence[Period | None], first: date, last: date) -> Period:
    """Every day that some day asks for, and those that tell whether a group has been seen."""
    spans = [window for window in windows if window is not None]
    starts = [window.start for window in spans]
    ends = [window.end for window in spans]
    return Period(min([first - LOOK_BACK, *starts]), max([last + _DAY, *ends]))


_Groups = Mapping[GroupKey, Callable[[date, Period | None], GroupSeries]]


def _groups(matched: Mapping[GroupKey, GroupSeries]) -> _Groups:
    return {key: _on_days(one) for key, one in matched.items()}


def _on_days(whole: GroupSeries) -> Callable[[date, Period | None], GroupSeries]:
    daily = _Days(whole.daily)
    parts = {cost: {values: _Days(part) for values, part in by_value.items()} for cost, by_value in whole.parts.items()}

    def on(today: date, shown: Period | None) -> GroupSeries:
        seen = daily.any_within(today - LOOK_BACK + _DAY, today)
        if shown is None:
            return GroupSeries(whole.sources, seen)
        cut = {
            cost: {values: part for values, days in by_value.items() if (part := days.within(shown))}
            for cost, by_value in parts.items()
        }
        return GroupSeries(whole.sources, seen, daily.within(shown), {cost: part for cost, part in cut.items() if part})

    return on


class _Days(Generic[T]):
    """A series as plain days: those who are judged share each day's amounts, which ``DailySums`` would make anew for
    each part that it hands out."""

    def __init__(self, series: Mapping[date, T]) -> None:
        self._items = sorted(series.items(), key=lambda item: item[0])
        self._days = [day for day, _ in self._items]

    def within(self, window: Period) -> dict[date, T]:
        return dict(self._items[bisect_left(self._days, window.start) : bisect_left(self._days, window.end)])

    def any_within(self, first: date, last: date) -> bool:
        place = bisect_right(self._days, last)
        return place > 0 and self._days[place - 1] >= first
