"""Files with the same rows, whatever their names, compression, separators and line ends: one of them counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import polars as pl

from finops.collect.files.index import Periods
from finops.collect.files.opened import BillFile
from finops.errors import FinopsError
from finops.model.cell import plain_name
from finops.objectstore.unreadable import unreadable

_SEEDS = (1, 2)
_LOW = 2**32
Bill = tuple[BillFile, Periods]


def without_copies(bills: Sequence[Bill], is_known: Callable[[BillFile], bool]) -> tuple[list[Bill], list[str]]:
    """``bills`` without files whose rows are those of another one, and a note on each that is left out.

    Of copies the one counts that was collected before (``is_known``), else the one with the shortest name. Only files
    with as many rows in the same billing periods are read. Raises what reading raises.
    """
    alike: dict[tuple[object, ...], list[Bill]] = {}
    for bill, periods in bills:
        alike.setdefault(tuple(periods.items()), []).append((bill, periods))
    copies: dict[str, str] = {}
    for candidates in alike.values():
        if len(candidates) > 1:
            ordered = sorted(candidates, key=lambda one: (not is_known(one[0]), len(one[0].name), one[0].name))
            copies.update(_copies([bill for bill, _ in ordered]))
    kept = [one for one in bills if one[0].name not in copies]
    return kept, [f"{name}: skipped, its rows duplicate {of}" for name, of in sorted(copies.items())]


def _copies(ordered: Sequence[BillFile]) -> dict[str, str]:
    """Name of a copy -> name of the first file with the same rows."""
    by_bytes: dict[str, BillFile] = {}
    copies: dict[str, str] = {}
    for bill in ordered:
        first = by_bytes.setdefault(bill.found.fingerprint, bill)
        if first is not bill:
            copies[bill.name] = first.name
    if len(by_bytes) == 1:
        return copies
    by_rows: dict[tuple[int, ...], str] = {}
    for bill in _of_like_amounts(list(by_bytes.values())):
        name = by_rows.setdefault(_rows_digest(bill), bill.name)
        if name != bill.name:
            copies[bill.name] = name
    return {name: copies.get(of, of) for name, of in copies.items()}


def _of_like_amounts(bills: Sequence[BillFile]) -> list[BillFile]:
    """Those whose rows can be those of another one: hashing every cell takes long, adding up one column does not."""
    sums = [_amount(bill) for bill in bills]
    return [
        bill
        for place, bill in enumerate(bills)
        if any(_alike(sums[place], other) for number, other in enumerate(sums) if number != place)
    ]


def _alike(one: float | None, other: float | None) -> bool:
    """In any order of the rows, whose rounding differs."""
    return one is None or other is None or math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)


def _amount(bill: BillFile) -> float | None:
    """What the rows cost, without signs. None where that cannot be read off one column."""
    try:
        amounts = bill.amounts()
        if amounts is None:
            return None
        text = pl.col("amount").cast(pl.String, strict=False).str.strip_chars()
        number = text.cast(pl.Float64, strict=False)
        unread = (text.is_not_null() & (text != "") & number.is_null()).sum()
        total, unreadable_rows = (
            amounts.select(number.abs().sum().alias("total"), unread.alias("unread")).collect(engine="streaming").row(0)
        )
        return float(total) if not unreadable_rows and math.isfinite(total) else None
    except FinopsError:
        raise
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(error, bill.name) from error


def _rows_digest(bill: BillFile) -> tuple[int, ...]:
    """Sums over hashes of all rows: their order, and that of the columns, does not matter."""
    try:
        rows = bill.open()
        schema = rows.collect_schema()
        names = sorted(schema.names(), key=lambda name: (plain_name(name).casefold(), name))
        cells = [_text(name, dtype) for name in names if not isinstance(dtype := schema[name], pl.Map)]
        text = pl.concat_str([cell.fill_null("") for cell in cells], separator="\x1f")
        hashes = [text.hash(seed).alias(f"h{seed}") for seed in _SEEDS]
        halves = [
            half.sum().alias(f"{name}{part}")
            for name in (f"h{seed}" for seed in _SEEDS)
            for part, half in (("low", pl.col(name) % _LOW), ("high", pl.col(name) // _LOW))
        ]
        header = [plain_name(name).casefold() for name in names]
        sums = rows.select(hashes).select(pl.len(), *halves).collect(engine="streaming").row(0)
        return (hash(tuple(header)), *sums)
    except FinopsError:
        raise
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(error, bill.name) from error


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.struct(name).struct.json_encode() if dtype.is_nested() else pl.col(name).cast(pl.String, strict=False)
