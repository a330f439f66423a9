"""The ``demand`` of a test (``first..last: value``, or CSV) -> one row a day, or every fault of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from finops.documents import Document, Fault, did_you_mean
from finops.errors import InvalidValue
from finops.model.wording import count_text
from finops.policy.testing.csv_lines import Cell, CsvLines
from finops.policy.testing.ranges import parse_days, parse_numbers

SCHEMA = pl.Schema({"name": pl.String(), "day": pl.Date(), "value": pl.Decimal(38, 15), "dimensions": pl.String()})
_EXAMPLE = "Write it like '2026-02-01..2026-03-19: 1000'"
Row = tuple[str, date, Decimal, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Days, what each of them has, and for which values of dimensions (JSON text)."""

    of_day: Cell
    of_value: Cell
    dimensions: str


def read_demand_table(
    document: Document, series: Mapping[str, str], known: Collection[str], dimensions: Collection[str]
) -> tuple[pl.DataFrame, list[Fault]]:
    """Every series of a test. ``known``: names of configured ones; ``dimensions``: columns that CSV may have."""
    rows: list[Row] = []
    faults = []
    for name, text in series.items():
        if name not in known:
            hint = did_you_mean(name, known) if known else "Configure the series under 'demand:' in finops.yaml"
            faults.append(document.fault(("demand", name), f"unknown demand series '{name}'", hint))
        table = CsvLines(document, ("demand", name), text)
        read, found = _series(name, table, dimensions)
        rows += read
        faults += found
    return pl.DataFrame(rows, schema=SCHEMA, orient="row"), faults


def _series(name: str, table: CsvLines, dimensions: Collection[str]) -> tuple[list[Row], list[Fault]]:
    lines = list(table.lines())
    header: list[str] | None = None
    if lines and [cell.text for cell in lines[0]][:1] == ["day"]:
        header = [cell.text for cell in lines.pop(0)]
        if "value" not in header:
            return [], [table.fault(0, "the column 'value' is missing", "The first line is day,value")]
        unknown = [column for column in header if column not in {"day", "value", *dimensions}]
        if unknown:
            hint = did_you_mean(unknown[0], ["day", "value", *dimensions])
            return [], [table.fault(table.text.index(unknown[0]), f"unknown column '{unknown[0]}'", hint)]
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[tuple[date, str], str] = {}
    for entry in _entries(table, lines, header):
        if isinstance(entry, Fault):
            faults.append(entry)
            continue
        try:
            days = parse_days(entry.of_day.text)
        except InvalidValue as error:
            faults.append(table.invalid(entry.of_day, error))
            continue
        try:
            numbers = parse_numbers(entry.of_value.text, len(days))
        except InvalidValue as error:
            faults.append(table.invalid(entry.of_value, error))
            continue
        taken = next((day for day in days if (day, entry.dimensions) in seen), None)
        if taken is not None:
            where = seen[taken, entry.dimensions]
            faults.append(table.fault(entry.of_day.offset, f"{taken} is already in '{where}'", "Give each day once"))
            continue
        seen |= dict.fromkeys(((day, entry.dimensions) for day in days), entry.of_day.text)
        rows += [(name, day, value, entry.dimensions) for day, value in zip(days, numbers, strict=True)]
    return rows, faults


def _entries(
    table: CsvLines, lines: Sequence[Sequence[Cell]], header: Sequence[str] | None
) -> Iterator[_Entry | Fault]:
    """``first..last: value`` a cell, or with a header one entry a line."""
    for cells in lines:
        if header is not None:
            if len(cells) != len(header):
                hint = f"Write one for each of: {', '.join(header)}"
                yield table.fault(
                    cells[0].offset, f"{count_text(len(cells), 'cell')} for {count_text(len(header), 'column')}", hint
                )
                continue
            by_name = dict(zip(header, cells, strict=True))
            values = {name: by_name[name].text for name in sorted(set(header) - {"day", "value"})}
            given = {name: value for name, value in values.items() if value}
            dimensions = json.dumps(given, separators=(",", ":"), ensure_ascii=False)
            yield _Entry(by_name["day"], by_name["value"], dimensions)
            continue
        for cell in cells:
            days, _, number = cell.text.rpartition(":")
            if not days:
                yield table.fault(cell.offset, f"'{cell.text}' is not a valid demand entry", _EXAMPLE)
                continue
            blanks = len(number) - len(number.lstrip())
            value = Cell(number.strip(), cell.offset + len(days) + 1 + blanks)
            yield _Entry(Cell(days.strip(), cell.offset), value, "{}")
