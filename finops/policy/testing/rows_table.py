"""The ``costs`` and ``emissions`` of a test: CSV with ranges of days -> one typed row a day, or every fault of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from finops.documents import Fault, did_you_mean
from finops.errors import InvalidValue
from finops.model.columns import Columns, ColumnType
from finops.model.wording import count_text
from finops.policy.testing.csv_lines import Cell, CsvLines
from finops.policy.testing.ranges import parse_days, parse_numbers, said_of
from finops.ports.emissions import EMISSION_LABELS
from finops.ports.lake import COSTS
from finops.ports.records import COMMITMENTS_SCHEMA

DAY = "day"
_TYPES: Mapping[ColumnType, pl.DataType] = {
    "text": pl.String(),
    "number": pl.Decimal(38, 15),
    "time": pl.Datetime("us", "UTC"),
    "json": pl.String(),
}


@dataclass(frozen=True, slots=True)
class RowsOf:
    """``what``: how messages call an amount. ``amounts``: the columns that hold one; each row needs one of them.

    ``columns``: what a column can be called. ``choices``: the values of columns that take no others.
    """

    what: str
    amounts: Sequence[str]
    columns: Columns
    choices: Mapping[str, Collection[str]]


def costs_of(columns: Columns, choices: Mapping[str, Collection[str]]) -> RowsOf:
    return RowsOf("cost", ("EffectiveCost", *COSTS), columns, choices)


def emissions_of(columns: Columns, dimensions: Collection[str]) -> RowsOf:
    """Grams with their source, the labels that emissions have, and dimensions."""
    names = ("source", *EMISSION_LABELS, *dimensions)
    types: dict[str, ColumnType] = dict.fromkeys(names, "text")
    return RowsOf("emission", ("grams",), Columns({**types, "Tags": "json", "grams": "number"}, columns.aliases), {})


def read_rows(table: CsvLines, of: RowsOf) -> tuple[pl.DataFrame, list[Fault]]:
    """``day`` and the named columns; an empty cell is null."""
    lines = list(table.lines())
    if not lines:
        return pl.DataFrame(schema={DAY: pl.Date}), []
    names, faults = _header(table, lines[0], of)
    if faults:
        return pl.DataFrame(), faults
    rows: list[dict[str, Any]] = []
    for line in lines[1:]:
        read, found = _line(table, line, names, of)
        rows += read
        faults += found
    schema = {name: _TYPES[of.columns.types[name]] if name != DAY else pl.Date() for name in names}
    return (pl.DataFrame(rows, schema=schema) if not faults else pl.DataFrame()), faults


def read_commitments(table: CsvLines, dimensions: Collection[str]) -> tuple[pl.DataFrame, list[Fault]]:
    """Named columns of the lake's table ``commitments``, and dimensions; an empty cell is null. A date is midnight."""
    types: dict[str, ColumnType] = {
        name: "number" if dtype.is_decimal() else "time" if isinstance(dtype, pl.Datetime) else "text"
        for name, dtype in COMMITMENTS_SCHEMA.items()
        if name not in ("dataset", "delivery", "billing_period")
    }
    types |= dict.fromkeys(dimensions, "text")
    lines = list(table.lines())
    if not lines:
        return pl.DataFrame(), []
    names, faults = [cell.text for cell in lines[0]], []
    for cell in lines[0]:
        if cell.text not in types:
            hint = did_you_mean(cell.text, types, otherwise="Name columns of FOCUS Contract Commitment and dimensions")
            faults.append(table.fault(cell.offset, f"unknown column '{cell.text}'", hint))
        elif names.count(cell.text) > 1:
            faults.append(table.fault(cell.offset, f"the column '{cell.text}' is there twice", "Keep one of the two"))
    if not faults and "ContractCommitmentId" not in names:
        hint = "Add it: every commitment needs one"
        faults.append(table.fault(lines[0][0].offset, "the column 'ContractCommitmentId' is missing", hint))
    if faults:
        return pl.DataFrame(), faults
    rows: list[dict[str, Any]] = []
    for cells in lines[1:]:
        if len(cells) != len(names):
            what = f"{count_text(len(cells), 'cell')} for {count_text(len(names), 'column')}"
            faults.append(table.fault(cells[0].offset, what, f"Write one for each of: {', '.join(names)}"))
            continue
        row: dict[str, Any] = {}
        for name, cell in zip(names, cells, strict=True):
            try:
                [row[name]] = _values(cell.text, types[name], (), 1)
            except InvalidValue as error:
                faults.append(table.invalid(cell, error))
        rows.append(row)
    schema = {name: COMMITMENTS_SCHEMA.get(name, pl.String()) for name in names}
    return (pl.DataFrame(rows, schema=schema, orient="row") if not faults else pl.DataFrame()), faults


def _header(table: CsvLines, cells: Sequence[Cell], of: RowsOf) -> tuple[list[str], list[Fault]]:
    columns = of.columns
    names: list[str] = []
    faults = []
    for cell in cells:
        name = columns.aliases.get(cell.text, cell.text)
        if name != DAY and name not in columns.types:
            known = [DAY, *columns.types, *columns.aliases]
            hint = did_you_mean(cell.text, known, otherwise="Name FOCUS columns and dimensions of finops.yaml")
            faults.append(table.fault(cell.offset, f"unknown column '{cell.text}'", hint))
        elif name in names:
            faults.append(table.fault(cell.offset, f"the column '{name}' is there twice", "Keep one of the two"))
        names.append(name)
    if not faults and DAY not in names:
        faults.append(table.fault(cells[0].offset, "the column 'day' is missing", "Add it: a day, or first..last"))
    if not faults and not set(names) & set(of.amounts):
        hint = f"Add {of.amounts[0]}" + (", or another of FOCUS's costs" if len(of.amounts) > 1 else "")
        faults.append(table.fault(cells[0].offset, f"a column with {_an(of.what)} is missing", hint))
    return names, faults


def _an(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _line(
    table: CsvLines, cells: Sequence[Cell], names: Sequence[str], of: RowsOf
) -> tuple[list[dict[str, Any]], list[Fault]]:
    if len(cells) != len(names):
        hint = f"Write one for each of: {', '.join(names)}"
        return [], [
            table.fault(
                cells[0].offset, f"{count_text(len(cells), 'cell')} for {count_text(len(names), 'column')}", hint
            )
        ]
    faults = []
    of_day = cells[names.index(DAY)]
    days: list[date] = []
    try:
        days = parse_days(of_day.text)
    except InvalidValue as error:
        faults.append(table.invalid(of_day, error))
    values: dict[str, Sequence[Any]] = {DAY: days}
    for name, cell in zip(names, cells, strict=True):
        if name == DAY:
            continue
        try:
            values[name] = _values(cell.text, of.columns.types[name], of.choices.get(name, ()), len(days))
        except InvalidValue as error:
            faults.append(table.invalid(cell, error))
    if not faults and all(values[name][0] is None for name in names if name in of.amounts):
        faults.append(table.fault(of_day.offset, f"no {of.what} on {said_of(days)}", "Write 0 where there was none"))
    if faults:
        return [], faults
    return [dict(zip(values, of_one, strict=True)) for of_one in zip(*values.values(), strict=True)], []


def _values(text: str, kind: ColumnType, choices: Collection[str], days: int) -> Sequence[Any]:
    """One value a day; the empty text is null. Raises ``InvalidValue``."""
    if not text:
        return [None] * days
    if kind == "number":
        numbers: Sequence[Decimal] = parse_numbers(text, days)
        return numbers
    value: object = text
    if kind == "time":
        value = _time(text)
    elif kind == "json":
        value = _json(text)
    elif choices and text not in choices:
        raise InvalidValue(f"unknown value '{text}'", f"{did_you_mean(text, choices)}")
    return [value] * days


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(f"'{text}' is not a valid time", "Write it like 2026-03-01T00:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _json(text: str) -> str:
    """Canonical, as the lake keeps it."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InvalidValue(f"'{text}' is not a JSON object", 'Write it like "{""team"": ""checkout""}"')
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
