"""Rates kind ``ecb-file``: the CSV form of the ECB's history of euro reference rates.

``Date,USD,JPY,…`` with a line a banking day, ``N/A`` where a currency had no rate. One euro buys that many units.
The ECB's own file is newest first and ends each line with a comma; any order does.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from finops.documents import did_you_mean
from finops.errors import RefusedBatch
from finops.model.currency import currency_codes, currency_hint
from finops.model.rates import Rates
from finops.model.wording import count_text
from finops.objectstore.unreadable import unreadable

_BASE = "EUR"
_NOTHING = ("", "N/A")
_RATE = re.compile(r"\d+(\.\d+)?")


def read_text(path: Path) -> str:
    """The file's own text, which an audit keeps. Raises ``RefusedBatch``, ``NotFound``, ``AccessDenied``."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        where = str(path)
        raise RefusedBatch(f"not UTF-8 at byte {error.start}", where=where, remedy="Save it as UTF-8") from error
    except OSError as error:
        raise unreadable(error, str(path)) from error


def parse_rates(text: str, file: str) -> Rates:
    """Rates by currency and day, base EUR; ``digest`` is of the text. Rows count from 1, the header excluded.

    Raises ``RefusedBatch`` with file, row and column of the first fault.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        lines = [cells for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise RefusedBatch(str(error), where=f"{file}, line {reader.line_num}", remedy="Check the quotes") from error
    currencies = _currencies(header, file)
    quotes: dict[str, dict[date, Decimal]] = {currency: {} for currency in currencies if currency}
    seen: dict[date, int] = {}
    for number, cells in enumerate(lines, start=1):
        where = f"{file}, row {number}"
        day = _day(cells[0].strip(), where)
        if day in seen:
            what = f"the day {day} occurs twice, first in row {seen[day]}"
            raise RefusedBatch(what, where=where, remedy="Keep one of the two")
        seen[day] = number
        values = [cell.strip() for cell in cells[1:]]
        if len(values) < len(currencies) or any(values[len(currencies) :]):
            what = f"{count_text(len(values), 'rate')} for {count_text(len(currencies), 'currency', 'currencies')}"
            raise RefusedBatch(what, where=where, remedy="Write one value for each column, N/A where there is none")
        for currency, value in zip(currencies, values, strict=False):
            if currency and value not in _NOTHING:
                quotes[currency][day] = _rate(value, f"{where}, column {currency}")
    return Rates(_BASE, quotes, f"sha256:{sha256(text.encode()).hexdigest()}")


def _currencies(header: list[str], file: str) -> list[str]:
    """The header's codes; the nameless column behind the ECB's last comma stays as ``""``."""
    if not header or header[0] != "Date":
        remedy = did_you_mean(
            "Date", filter(None, header[:1]), otherwise="Start the file with the header Date,USD,JPY,…"
        )
        raise RefusedBatch("the first column is not Date", where=f"{file}, header", remedy=remedy)
    currencies = header[1:]
    while currencies and not currencies[-1]:
        currencies.pop()
    for currency in currencies:
        if currency not in currency_codes():
            what = f"'{currency}' is not an ISO 4217 currency code"
            raise RefusedBatch(what, where=f"{file}, header", remedy=currency_hint(currency))
        if currencies.count(currency) > 1 or currency == _BASE:
            what = f"'{currency}' occurs twice, or is the base currency"
            raise RefusedBatch(what, where=f"{file}, header", remedy="Write ISO 4217 codes, each once, without EUR")
    return currencies


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        what = f"'{text}' is not a valid date"
        raise RefusedBatch(what, where=f"{where}, column Date", remedy="Write it like 2026-03-01") from None


def _rate(text: str, where: str) -> Decimal:
    rate = Decimal(text) if _RATE.fullmatch(text) else Decimal(0)
    if rate <= 0:
        raise RefusedBatch(f"'{text}' is not a valid rate", where=where, remedy="Write a number above zero, or N/A")
    return rate
