"""The numbers behind a drawing, for those who cannot see it or want the digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import groupby

from finops.model.evaluation import Track
from finops.model.finding import Change
from finops_exporters import words
from finops_exporters.charts.against_demand import indexed
from finops_exporters.charts.burn_up import cumulative, due_by_day
from finops_exporters.charts.explained import steps


@dataclass(frozen=True, slots=True)
class Row:
    """``head`` names it; ``note`` is said beside the head; ``open``: its figures can still change."""

    head: str
    cells: tuple[str, ...]
    note: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """``heads``: of the first column and of each cell; cells are amounts, aligned to the right."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


_LONGEST_BY_DAY = 62
"""A period of more days is listed by month."""
_CAN_CHANGE = "can still change"
_NONE = "–"


def burn_up_table(track: Track) -> Table:
    by_month = track.period.days > _LONGEST_BY_DAY
    return Table(
        f"{words.period(track.period)}, in {track.currency}",
        ("Month" if by_month else "Day", "Spent", "So far", "Budget so far"),
        tuple(_burn_up(track, by_month=by_month)),
    )


def lines_table(track: Track, heads: dict[str, str], show: Callable[[Decimal], str] | None = None) -> Table:
    """A day's cost and what its ``lines`` say of it. ``heads``: name of a line -> its head."""
    rows, shown = [], show or partial(words.number, currency=track.currency)
    for day, spent in zip(track.days, track.spent, strict=True):
        offset = (day - track.period.start).days
        cells = []
        for name in heads:
            line = track.lines.get(name, ())
            value = line[offset] if offset < len(line) else None
            cells.append(shown(value) if value is not None else _NONE)
        rows.append(_row(_day(day), (words.number(spent, track.currency), *cells), day, track.settled_through))
    caption = f"{words.period(track.period)}, cost in {track.currency}"
    return Table(caption, ("Day", "Cost", *heads.values()), tuple(rows))


def indexed_table(track: Track, demand: str) -> Table:
    """By week: the last of each seven days."""
    days = indexed(track)[::7]
    rows = tuple(
        Row(
            f"7 days to {_day(next(day for at, day in enumerate(track.period) if at == one.offset))}",
            (f"{one.cost:,.1f}", f"{one.demand:,.1f}"),
        )
        for one in days
    )
    return Table("Seven-day means, indexed to 100", ("Days", "Cost", words.shown(demand)), rows)


def explained_table(change: Change, demand: str, currency: str) -> Table:
    rows = tuple(
        Row(
            step.name[:1].upper() + step.name[1:],
            (words.number(step.end, currency) if step.is_level else words.signed(step.end - step.start, currency),),
        )
        for step in steps(change, demand)
    )
    return Table(f"Change from the previous period, in {currency}", ("Step", "Amount"), rows)


def _burn_up(track: Track, *, by_month: bool) -> Iterator[Row]:
    days = list(zip(track.days, track.spent, cumulative(track.spent), due_by_day(track), strict=True))
    if not by_month:
        for day, spent, so_far, due in days:
            yield _row(_day(day), _amounts(track.currency, spent, so_far, due), day, track.settled_through)
        return
    for (year, month), part in groupby(days, key=lambda item: (item[0].year, item[0].month)):
        of_month = list(part)
        last, _, so_far, due = of_month[-1]
        spent = sum((item[1] for item in of_month), Decimal(0))
        head = f"{date(year, month, 1):%B %Y}"
        yield _row(head, _amounts(track.currency, spent, so_far, due), last, track.settled_through)


def _amounts(currency: str, *amounts: Decimal | None) -> tuple[str, ...]:
    return tuple(words.number(one, currency) if one is not None else _NONE for one in amounts)


def _row(head: str, cells: tuple[str, ...], day: date, settled: date | None) -> Row:
    is_open = settled is None or day > settled
    return Row(head, cells, _CAN_CHANGE if is_open else "", is_open)


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
