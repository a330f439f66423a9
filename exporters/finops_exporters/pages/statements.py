"""Monthly statements: which months there are, and where their files are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finops.model.wording import count_text
from finops.ports.pages import BilledMonth
from finops_exporters import words

_FORMS = (("html", "Page"), ("xlsx", "Workbook"), ("csv", "Rows (CSV)"))


@dataclass(frozen=True, slots=True)
class MonthRow:
    """``files``: what it is called, and its address."""

    month: str
    iso: str
    settled: bool
    sources: str
    files: Sequence[tuple[str, str]]


def month_rows(months: Sequence[BilledMonth]) -> list[MonthRow]:
    return [
        MonthRow(
            f"{month.first:%B %Y}",
            f"{month.first:%Y-%m}",
            month.settled,
            words.listed([words.shown(source, 60) for source in month.sources]),
            [(name, f"/statements/{month.first:%Y-%m}.{form}") for form, name in _FORMS],
        )
        for month in months
    ]


def statements_headline(months: Sequence[BilledMonth]) -> str:
    settled = sum(month.settled for month in months)
    if not months:
        return "No billed months yet"
    return f"{count_text(len(months), 'month')} billed, {settled} of them settled"
