"""Budgets as finance keeps them, a row each and a column a month -> Budget policies."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from pathlib import Path

from finops.conditions import ConditionFaults, parse
from finops.documents import Fault, did_you_mean
from finops.errors import InvalidValue, Malformed
from finops.model.cell import typed_number
from finops.model.columns import Columns
from finops.model.currency import check_currency
from finops.model.money import EXACT, Money, minor_digits, minor_unit, plain
from finops.model.untrusted import one_plain_line
from finops.model.wording import exact_text
from finops.policy.document import NAME_PATTERN

MARK = "# Imported by 'finops policies import': edit the sheet and import it again."
COLUMNS = ("name", "owner", "scope", "parent", "description", "currency", "rollover", "revised_by", "reason")
_NEEDED = ("name", "owner")
_TEXTS = ("owner", "scope", "parent", "description", "rollover", "revised_by", "reason")
_ROLLOVERS = ("none", "unspent", "balance")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_MOST_ROWS = 10_000
_LONGEST = 4_000

Cell = str | int | float | bool | date | None


@dataclass(frozen=True, slots=True)
class SheetBudget:
    """A row of the sheet, with the rows that revise it. ``amounts``: by month (``2027-01``). ``parent``: the name of
    another budget, or empty. ``revised_by``, ``reason``: of a row that revises an earlier one of the same name."""

    name: str
    owner: str
    scope: str
    parent: str
    description: str
    amounts: Mapping[str, Money]
    row: int
    rollover: str = ""
    revised_by: str = ""
    reason: str = ""
    revisions: tuple[SheetBudget, ...] = ()

    @property
    def in_force(self) -> Mapping[str, Money]:
        """``amounts`` with all revisions."""
        return dict(item for one in (self, *self.revisions) for item in one.amounts.items())

    def document(self) -> str:
        """As a policy file has it."""
        scope = f"  scope: {_quoted(self.scope)}\n" if self.scope else ""
        about = f", description: {_quoted(self.description)}" if self.description else ""
        parent = f"  parent: {_quoted(self.parent)}\n" if self.parent else ""
        rollover = f"  rollover: {self.rollover}\n" if self.rollover else ""
        return (
            "apiVersion: finops/v1\nkind: Budget\n"
            f"metadata: {{name: {_quoted(self.name)}, owner: {_quoted(self.owner)}{about}}}\n"
            f"spec:\n{scope}{parent}  period: month\n{rollover}  amount:\n{self._months(4)}"
            f"{self._revisions()}"
            "  alerts:\n"
            "    - {when: spent > 100%, severity: critical}\n"
            "    - {when: forecast > 100%, severity: warning}\n"
        )

    def _months(self, indent: int) -> str:
        return "".join(
            f"{' ' * indent}{month}: {plain(money.amount, money.currency)} {money.currency}\n"
            for month, money in sorted(self.amounts.items())
        )

    def _revisions(self) -> str:
        return ("  revisions:\n" if self.revisions else "") + "".join(
            f"    - from: {min(one.amounts)}\n      by: {_quoted(one.revised_by)}\n      reason: {_quoted(one.reason)}\n"
            f"      amount:\n{one._months(8)}"  # noqa: SLF001 - another row of the same sheet
            for one in self.revisions
        )


@dataclass(frozen=True, slots=True)
class BudgetSheet:
    """``differences``: where children do not add up to their parent, a sentence each."""

    budgets: tuple[SheetBudget, ...]
    differences: tuple[str, ...]

    def text(self) -> str:
        """A policy file."""
        return "\n---\n".join([f"{MARK}\n{self.budgets[0].document()}", *(one.document() for one in self.budgets[1:])])


def read_budget_sheet(path: Path, columns: Columns, currency: str) -> BudgetSheet:
    """The budgets of a CSV or XLSX file, of whose sheets the first is read.

    ``columns``: what scopes may name. ``currency``: of amounts that name none, empty where none may be assumed. Raises
    ``Malformed`` with every fault at its row and column.
    """
    rows = list(_rows(path))
    head = next(iter(rows), [])
    reader = _Reader(str(path), columns, currency, [_heading(cell) for cell in head])
    budgets = [one for at, row in enumerate(rows[1:], start=2) if any(map(_text, row)) for one in reader.budget(at, row)]
    if not budgets and not reader.faults:
        reader.fault(1, 0, "the sheet has no budgets", "Write one a row below the column names")
    budgets = reader.revised(budgets)
    reader.check_names(budgets)
    if reader.faults:
        raise Malformed(sorted(set(reader.faults)))
    return BudgetSheet(tuple(budgets), tuple(_differences(budgets)))


class _Reader:
    def __init__(self, file: str, columns: Columns, currency: str, head: Sequence[str]) -> None:
        self.faults: list[Fault] = []
        self._file = file
        self._columns = columns
        self._currency = currency
        self._at: dict[str, int] = {}
        self._months: dict[str, int] = {}
        for at, name in enumerate(head):
            into = self._months if _MONTH.fullmatch(name) else self._at
            if name in self._at or name in self._months:
                self.fault(1, at, f"the column '{name}' is there twice", "Remove one of the two")
            elif name and into is self._at and name not in COLUMNS:
                hint = did_you_mean(name, COLUMNS)
                self.fault(1, at, f"unknown column '{name}'", f"{hint} Months are written like 2027-01")
            elif name:
                into[name] = at
        for name in _NEEDED:
            if name not in self._at:
                self.fault(1, 0, f"the column '{name}' is missing", f"Columns: {', '.join(COLUMNS)}, and the months")
        if not self._months:
            self.fault(1, 0, "there is no column of a month", "Name each like 2027-01")

    def fault(self, row: int, at: int, message: str, hint: str) -> None:
        self.faults.append(Fault(self._file, row, at + 1, message, hint))

    def budget(self, number: int, row: Sequence[Cell]) -> Iterator[SheetBudget]:
        before = len(self.faults)
        told = {name: _text(row[at]) if at < len(row) else "" for name, at in self._at.items()}
        name = told.get("name", "")
        if "name" in self._at and not re.fullmatch(NAME_PATTERN, name):
            what = f"'{name}' is not a valid name" if name else "the name is missing"
            self.fault(number, self._at["name"], what, "Use up to 100 letters, digits, '-', '.' and '_'")
        if "owner" in self._at and not told["owner"]:
            self.fault(number, self._at["owner"], "the owner is missing", "Write who answers for the budget")
        self._check_scope(number, told.get("scope", ""))
        self._check_revision(number, told)
        amounts = self._amounts(number, row, told.get("currency", ""))
        if len(self.faults) == before:
            owner, scope, parent, about, rollover, by, reason = (told.get(key, "") for key in _TEXTS)
            yield SheetBudget(name, owner, scope, parent, about, amounts, number, rollover, by, reason)

    def revised(self, budgets: Sequence[SheetBudget]) -> list[SheetBudget]:
        """Each budget with the rows below it that revise it."""
        found: dict[str, SheetBudget] = {}
        others = []
        for one in budgets:
            if not one.revised_by and one.name not in found:
                found[one.name] = one
            elif not one.revised_by:
                others.append(one)  # named as there twice
            elif one.name not in found:
                what = f"'{one.name}' is revised before it is there"
                self.fault(one.row, self._at["name"], what, "Write the original row first, without revised_by")
            else:
                first = found[one.name]
                currencies = {money.currency for row in (first, one) for money in row.amounts.values()}
                if first.revisions and min(one.amounts) < min(first.revisions[-1].amounts):
                    what = f"this revision begins before the one above, with {min(one.amounts)}"
                    self.fault(one.row, self._months[min(one.amounts)], what, "List revisions by their first month")
                elif len(currencies) > 1:
                    what = "the revision is in another currency than the budget"
                    self.fault(one.row, self._at.get("currency", 0), what, "Write all in one currency")
                found[one.name] = replace(first, revisions=(*first.revisions, one))
        return [*found.values(), *others]

    def _check_revision(self, number: int, told: Mapping[str, str]) -> None:
        by, reason, rollover = (told.get(name, "") for name in ("revised_by", "reason", "rollover"))
        if bool(by) != bool(reason):
            missing = "reason" if by else "revised_by"
            at = self._at.get(missing, self._at["reason" if reason else "revised_by"])
            self.fault(number, at, f"a revision without {missing}", "Write who revised the budget, and why")
        if rollover and rollover not in _ROLLOVERS:
            hint = did_you_mean(rollover, _ROLLOVERS)
            self.fault(number, self._at["rollover"], f"unknown rollover '{rollover}'", hint)

    def check_names(self, budgets: Sequence[SheetBudget]) -> None:
        names: dict[str, SheetBudget] = {}
        for one in budgets:
            if one.name in names:
                what = f"'{one.name}' is there twice, first in row {names[one.name].row}"
                self.fault(one.row, self._at["name"], what, "Give each budget a name of its own")
            names.setdefault(one.name, one)
        for one in budgets:
            seen, parent = {one.name}, one.parent
            while parent:
                if parent not in names:
                    self.fault(one.row, self._at["parent"], f"no budget '{parent}'", did_you_mean(parent, names))
                    break
                if parent in seen:
                    what = f"'{one.name}' is a part of itself"
                    self.fault(one.row, self._at["parent"], what, "Remove one parent of the circle")
                    break
                seen.add(parent)
                parent = names[parent].parent

    def _check_scope(self, number: int, scope: str) -> None:
        if not scope:
            return
        try:
            parse(scope, self._columns)
        except ConditionFaults as faults:
            for one in faults.faults:
                self.fault(number, self._at["scope"], f"character {one.offset + 1}: {one.message}", one.hint)

    def _amounts(self, number: int, row: Sequence[Cell], own: str) -> dict[str, Money]:
        amounts: dict[str, Money] = {}
        at_currency = self._at.get("currency", 0)
        currency = self._currency
        if own:
            try:
                currency = check_currency(own)
            except InvalidValue as error:
                self.fault(number, at_currency, error.what, error.remedy)
                return {}
        filled = {month: row[at] for month, at in self._months.items() if at < len(row) and _text(row[at])}
        for month, cell in filled.items():
            at = self._months[month]
            try:
                amounts[month] = _money(cell, currency)
                if amounts[month].amount < 0:
                    raise InvalidValue(f"the budget {amounts[month]} is negative", "Write a positive amount")
            except InvalidValue as error:
                self.fault(number, at, error.what, error.remedy)
        if len({money.currency for money in amounts.values()}) > 1:
            self.fault(number, at_currency, "one budget has amounts in two currencies", "Write all in one currency")
        self._check_months(number, sorted(filled))
        return amounts

    def _check_months(self, number: int, filled: Sequence[str]) -> None:
        if not filled:
            self.fault(number, 0, "the budget has no amount", "Write one in a column of a month, 0 for nothing")
            return
        for month, at in self._months.items():
            if filled[0] < month < filled[-1] and month not in filled:
                self.fault(number, at, f"the budget has no amount for {month}", "Write one, 0 for nothing")


def _rows(path: Path) -> Iterator[Sequence[Cell]]:
    try:
        if path.suffix.lower() == ".xlsx":
            yield from _workbook_rows(path)
            return
        text = path.read_bytes().decode("utf-8-sig")
        head = text.partition("\n")[0]
        delimiter = ";" if head.count(";") > head.count(",") else ","
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except OSError as error:
        raise _unreadable(path, f"the file cannot be read ({error.strerror})", "Check the path") from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, "the file is not UTF-8 text", "Save it as CSV UTF-8, or as XLSX") from error
    except csv.Error as error:
        raise _unreadable(path, f"the file is not valid CSV: {error}", "Save it as CSV again") from error


def _workbook_rows(path: Path) -> Iterator[Sequence[Cell]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - takes a tenth of a second, for one command
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - as above

    try:
        # values, not formulas: as the spreadsheet program last computed them
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, SyntaxError, KeyError, ValueError) as error:
        raise _unreadable(path, "the file is not an XLSX workbook", "Save it as XLSX, or as CSV UTF-8") from error
    try:
        yield from book.worksheets[0].iter_rows(values_only=True, max_row=_MOST_ROWS)
    finally:
        book.close()


def _unreadable(path: Path, what: str, hint: str) -> Malformed:
    return Malformed([Fault(str(path), 1, 1, what, hint)])


def _heading(cell: Cell) -> str:
    if isinstance(cell, date):
        return f"{cell:%Y-%m}"
    return _text(cell).lower()


def _text(cell: Cell) -> str:
    """One line without control characters, as YAML can hold it."""
    if cell is None:
        return ""
    return one_plain_line(f"{cell:%Y-%m-%d}" if isinstance(cell, datetime) else str(cell), _LONGEST)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _money(cell: Cell, currency: str) -> Money:
    """A number of a workbook is rounded to what the currency is paid in: a formula gives fractions of a cent."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        amount = Decimal(repr(cell))
    else:
        text = _text(cell)
        if text[-3:].isalpha():
            return Money.parse(text)
        amount = typed_number(text, three_digits="." in text and minor_digits(currency or "EUR") == 3)
    if not amount.is_finite():
        raise InvalidValue(f"'{cell}' is not an amount", "Write a number, or an amount like 12000 EUR")
    if not currency:
        raise InvalidValue(f"'{_text(cell)}' has no currency", "Add a column currency, or write it like 12000 EUR")
    if not isinstance(cell, str):
        amount = amount.quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN, context=EXACT)
    return Money(amount, currency)


def _differences(budgets: Sequence[SheetBudget]) -> Iterator[str]:
    for parent in budgets:
        children = [one for one in budgets if one.parent == parent.name]
        months = sorted(set(parent.in_force).union(*(one.in_force for one in children))) if children else []
        for month in months:
            own = [one.in_force[month] for one in children if month in one.in_force]
            whole = parent.in_force.get(month)
            if whole is None:
                yield f"{parent.name}, {month}: it has no amount, but {len(own)} of its parts have"
            elif any(one.currency != whole.currency for one in own):
                yield f"{parent.name}, {month}: its parts are in another currency than {whole.currency}"
            else:
                yield from _difference(parent.name, month, whole, own)


def _difference(name: str, month: str, whole: Money, parts: Sequence[Money]) -> Iterator[str]:
    with localcontext(EXACT):
        total = sum((one.amount for one in parts), Decimal(0))
        left = whole.amount - total
    if left:
        way = "less" if left > 0 else "more"
        yield (
            f"{name}, {month}: its parts add up to {exact_text(total, whole.currency)}, "
            f"{exact_text(abs(left), whole.currency)} {way} than its {exact_text(whole.amount, whole.currency)}"
        )
