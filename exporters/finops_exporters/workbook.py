"""Workbooks of other people's names: text stays text, so no cell is ever a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from finops.model.money import minor_digits


@contextmanager
def new_workbook(out: io.BytesIO, title: str, created: datetime) -> Iterator[Any]:
    """An ``xlsxwriter.Workbook``, which ships no types; in ``out`` once it is closed. The same contents and moment give
    the same bytes."""
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": created.astimezone(UTC).replace(tzinfo=None)})
        yield book


def money_format(currency: str) -> str:
    """With the digits of ``currency``."""
    digits = minor_digits(currency)
    return f"#,##0.{'0' * digits}" if digits else "#,##0"
