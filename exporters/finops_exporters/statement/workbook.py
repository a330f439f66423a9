"""The statement as an XLSX workbook: real numbers, formulas for totals, one sheet an owner, every line at the end."""

from __future__ import annotations

import io
from typing import Any

from finops.model.statement import Statement
from finops.ports.exporter import Document
from finops_exporters.statement import tables, words
from finops_exporters.statement.sheet import Column, Sheet, Style, sheet_names
from finops_exporters.wording import minute, period, plain
from finops_exporters.workbook import XLSX, new_workbook

_OWN_SHEETS = (
    "Summary",
    "Owners",
    "Services",
    "Bills",
    "Budgets",
    "Unit costs",
    "Savings",
    "Corrections",
    "Restated",
    "Lines",
)
_MOST_OWNERS = 200
"""Owners with a sheet of their own, the largest; all are in Owners and Lines."""


_MOST_BARS = 12
_EFFECTIVE, _LAST_MONTH = 2, 3
"""Columns of the sheets by owner and service."""


class StatementXlsx:
    """For spreadsheets. Text is written as text: no cell of other people's names is ever a formula."""

    def render(self, statement: Statement) -> Document:
        out = io.BytesIO()
        # the moment of the statement, not of this run: the same statement gives the same bytes
        with new_workbook(out, f"Statement {words.month(statement.month)}", statement.made_at) as book:
            style = Style.of(book, statement.currency)
            _Writer(book, style, statement).write()
        return Document(XLSX, out.getvalue())


class _Writer:
    def __init__(self, book: Any, style: Style, statement: Statement) -> None:
        self._book = book
        self._style = style
        self._statement = statement
        self._owners = tables.by_owner(statement)

    def write(self) -> None:
        self._summary()
        self._owners_sheet()
        self._services("Services", tables.by_service(self._statement))
        self._bills()
        self._budgets()
        self._unit_costs()
        if self._statement.savings:
            self._savings()
        self._corrections()
        self._restated()
        shown = [(whose, row) for whose, row in self._owners if row.effective or row.billed][:_MOST_OWNERS]
        names = sheet_names([row.name for _, row in shown], taken=_OWN_SHEETS)
        for name, (whose, _) in zip(names, shown, strict=True):
            self._services(name, tables.by_service(self._statement, whose))
        self._lines()

    def _sheet(self, name: str, title: str, columns: list[Column]) -> Sheet:
        return Sheet(self._book.add_worksheet(name), self._style, title, columns)

    def _summary(self) -> None:
        statement = self._statement
        sheet = self._sheet(
            "Summary", f"Statement for {words.month(statement.month)}", [Column("", 34), Column("", 22)]
        )
        total = tables.total(statement)
        sheet.row([f"Effective cost, {statement.currency}", total.effective])
        sheet.row([f"Billed, {statement.currency}", total.billed])
        self._forecast(sheet)
        for past, amount in ((statement.last_month, total.last_month), (statement.last_year, total.last_year)):
            sheet.row([f"Effective cost in {words.in_month(past)}", amount])
        share = statement.unallocated_share
        sheet.row([f"Share without a {plain(statement.by)}", share], ratio=True)
        for name, billed, _ in tables.by_category(statement):
            sheet.row([f"Billed: {name}", billed])
        for sentence in (*words.standing(statement), *words.past_notes(statement), *words.basis(statement)):
            sheet.note(sentence)

    def _forecast(self, sheet: Sheet) -> None:
        """Of a running month; unknown is not 0."""
        statement, made = self._statement, self._statement.forecast
        label = f"Forecast of the effective cost, {statement.currency}"
        if made is not None:
            sheet.row([label, made.amount])
            sheet.row([f"Forecast, at least ({words.INTERVAL})", made.low])
            sheet.row([f"Forecast, at most ({words.INTERVAL})", made.high])
        elif statement.no_forecast:
            sheet.row([label, f"– ({plain(statement.no_forecast)})"])

    def _months(self, first: str) -> list[Column]:
        last_month, last_year = (
            words.in_month(past) for past in (self._statement.last_month, self._statement.last_year)
        )
        names = ["Billed", "Effective", last_month, "Change", last_year, "Change of the year"]
        names += ["Allocated"] if self._statement.is_allocated else []
        return [Column(first, 34), *(Column(name, 17, summed=True) for name in names)]

    def _cells(self, row: tables.Row) -> list[object]:
        months = [row.last_month, row.change, row.last_year, row.change_of_year]
        shares = [row.allocated] if self._statement.is_allocated else []
        return [row.name, row.billed, row.effective, *months, *shares]

    def _owners_sheet(self) -> None:
        columns = [
            *self._months(plain(self._statement.by)),
            Column("Budget", 17, number=True),
            Column("Spent of it", 14),
            Column("Scope of the budget", 44),
        ]
        sheet = self._sheet("Owners", f"By {plain(self._statement.by)}, {self._statement.currency}", columns)
        for whose, row in self._owners:
            budget = tables.budget_of(self._statement, whose)
            same = budget is not None and budget.limit is not None and budget.limit.currency == self._statement.currency
            limit = budget.limit.amount if same and budget is not None and budget.limit is not None else None
            scope = (plain(budget.scope) or "all costs") if budget else None
            cells = self._cells(row)
            sheet.row([*cells, limit, budget.share if budget else None, scope], ratio_at=len(cells) + 1)
        sheet.total()
        self._chart(sheet, len(self._owners))

    def _services(self, name: str, rows: list[tables.Row]) -> None:
        title = f"{'By service' if name == 'Services' else name}, {self._statement.currency}"
        sheet = self._sheet(name, title, self._months("Service"))
        for row in rows:
            sheet.row(self._cells(row))
        sheet.total()
        self._chart(sheet, len(rows))

    def _chart(self, sheet: Sheet, rows: int) -> None:
        """Effective cost of the first rows, which are the largest, beside the month before."""
        if not rows:
            return
        chart = self._book.add_chart({"type": "bar"})
        for column in (_EFFECTIVE, _LAST_MONTH):
            chart.add_series(sheet.series(column, min(rows, _MOST_BARS)))
        chart.set_title({"name": f"Effective cost, {self._statement.currency}", "name_font": {"size": 11}})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"num_format": "#,##0", "crossing": "max"})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 760, "height": 120 + 34 * min(rows, _MOST_BARS)})
        sheet.chart(chart)

    def _bills(self) -> None:
        own = self._statement.currency
        columns = [
            Column("Source", 24),
            Column("Rows", 12, whole=True),
            Column("Delivered", 22),
            Column("Currency", 10),
        ]
        columns += [
            Column("Bill", 17, number=True),
            Column("Invoice", 17, number=True),
            Column("Bill − invoice", 17, number=True),
            Column("State", 20),
        ]
        sheet = self._sheet("Bills", "BilledCost against invoices", [*columns, Column(own, 17, summed=True)])
        for bill in self._statement.bills:
            agreement = words.agreement(bill.agrees)
            told = [plain(bill.source), bill.rows, minute(bill.delivered_at), plain(bill.currency)]
            sums = [words.rounded(one, bill.currency) for one in (bill.total, bill.invoiced)]
            difference = words.rounded(bill.difference, bill.currency, difference=True)
            sheet.row([*told, *sums, difference, agreement, bill.billed])
        sheet.total()
        self._invoices()

    def _invoices(self) -> None:
        """By number, where there are any."""
        numbered = [(bill.source, one) for bill in self._statement.bills for one in bill.invoices]
        if not numbered:
            return
        texts = (("Invoice", 24), ("Source", 24), ("Issuer", 24), ("Status", 10), ("Issued", 12), ("Due", 12))
        columns = [*(Column(name, width) for name, width in texts), Column("Currency", 10)]
        columns += [Column(name, 17, number=True) for name in ("Invoice lines", "Charges", "Charges − invoice")]
        sheet = self._sheet("Invoices", "Invoices by number", [*columns, Column("State", 32)])
        for source, one in numbered:
            days = [day.isoformat() if day else "" for day in (one.issued_on, one.due_on)]
            named = [plain(one.number), plain(source), plain(one.issuer), plain(one.status), *days, plain(one.currency)]
            sums = [words.rounded(amount, one.currency) for amount in (one.invoiced, one.billed)]
            difference = words.rounded(one.difference, one.currency, difference=True)
            sheet.row([*named, *sums, difference, words.number_agreement(one)])

    def _budgets(self) -> None:
        columns = [Column("Budget", 28), Column("Group", 24), Column("Owner", 20), Column("Period", 26)]
        columns += [
            Column("Spent", 17, number=True),
            Column("Budget", 17, number=True),
            Column("Left", 17, number=True),
            Column("Forecast", 17, number=True),
            Column("Currency", 10),
        ]
        sheet = self._sheet(
            "Budgets",
            "Budgets at the end of the month",
            [*columns, Column("Spent of it", 12), Column("State", 30), Column("Scope", 50)],
        )
        for row in tables.budgets(self._statement):
            finding = row.finding
            amounts = [money.amount if money else None for money in (row.spent, row.limit, row.remaining, row.forecast)]
            why = f"{row.standing}: {plain(finding.reason)}" if row.standing == "unknown" else row.standing
            names = [plain(finding.policy), words.group(finding), plain(finding.owner), period(finding.period)]
            scope = plain(row.scope) or "all costs"
            sheet.row([*names, *amounts, finding.currency, row.share, why, scope], ratio_at=9)

    def _unit_costs(self) -> None:
        columns = [Column("Policy", 28), Column("Group", 24), Column("Unit", 26), Column("Days", 26)]
        columns += [Column("Unit cost", 17, fine=True), Column("Window before", 17, fine=True), Column("Currency", 10)]
        sheet = self._sheet("Unit costs", "Unit costs", [*columns, Column("Verdict", 60)])
        for finding in self._statement.unit_costs:
            found = [finding.amount.get(name) for name in ("unit_cost", "unit_cost_before")]
            amounts = [money.amount if money else None for money in found]
            names = [plain(finding.policy), words.group(finding), words.per(finding), period(finding.period)]
            sheet.row([*names, *amounts, finding.currency, f"{finding.state.value}: {plain(finding.reason)}"])

    def _savings(self) -> None:
        columns = [Column("Scope", 50), Column("Since", 12), Column("Claimed by", 24), Column("State", 14)]
        columns += [Column(head, 17, number=True) for head in ("Saved", "At least", "At most")]
        title = f"Savings, measured on the days of the month, {self._statement.currency}; 90 % intervals"
        sheet = self._sheet("Savings", title, [*columns, Column("Credited", 17, summed=True)])
        for one in self._statement.savings:
            assert one.saved is not None  # noqa: S101 - others are left out; tells the type checker
            claim, saved = one.claim, one.saved
            names = [plain(claim.scope), claim.since.isoformat(), plain(claim.actor), one.state.value]
            sheet.row([*names, saved.amount, saved.low, saved.high, one.credited])
        sheet.total()

    def _corrections(self) -> None:
        columns = [Column("Source", 20), Column("Whose", 20), Column("Service", 30), Column("Charged in", 16)]
        columns += [Column("What", 14), Column("Billed", 17, summed=True), Column("Effective", 17, summed=True)]
        title = f"Corrections and late charges within the totals, {self._statement.currency}"
        sheet = self._sheet("Corrections", title, columns)
        for row in tables.late(self._statement):
            charged = words.month(row.charged_in or self._statement.month)
            names = [plain(row.source), words.owner(self._statement, row.whose), words.service(row.service), charged]
            sheet.row([*names, "correction" if row.correction else "late charge", row.billed, row.effective])
        sheet.total()

    def _restated(self) -> None:
        columns = [Column("Source", 20), Column("Bill of", 18), Column("Arrived", 22), Column("Currency", 10)]
        columns += [Column("Billed", 17, number=True), Column("Effective", 17, number=True)]
        sheet = self._sheet("Restated", "Closed bills that changed in this month, not in the totals", columns)
        for one in self._statement.restated:
            names = [plain(one.source), words.month(one.month), minute(one.at), plain(one.currency)]
            sheet.row([*names, one.billed, one.effective])

    def _lines(self) -> None:
        columns = [Column("Whose", 20), Column("Service", 34), Column("Source", 18), Column("ChargeCategory", 16)]
        columns += [Column("Correction", 12), Column("Charged in", 16), Column("Currency of the bill", 12)]
        columns += [Column(name, 17, summed=True) for name in ("Billed", "Effective", "Allocated")]
        sheet = self._sheet("Lines", f"Every line, {self._statement.currency}", columns)
        for line in self._statement.lines:
            names = [words.owner(self._statement, line.whose), words.service(line.service), plain(line.source)]
            names += [words.category(line.category), "yes" if line.correction else "no"]
            charged = words.month(line.charged_in or self._statement.month)
            sheet.row([*names, charged, plain(line.currency), line.billed, line.effective, line.allocated])
        sheet.total()
