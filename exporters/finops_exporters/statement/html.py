"""The statement as one page that prints well: no script, nothing fetched, every style inside."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from finops.model.statement import Statement
from finops.model.wording import count_text
from finops.ports.exporter import Document
from finops_exporters import wording
from finops_exporters.statement import tables, words
from finops_exporters.statement.chart import draw

MOST_SERVICES = 40
"""Services that the page lists by name, in all and of each owner; the workbook lists all."""


class StatementHtml:
    """For people: on a screen, on paper, in a mail."""

    def render(self, statement: Statement) -> Document:
        owners = tables.by_owner(statement)
        months = words.month(statement.month), words.month(statement.last_month.month)
        page = (
            _environment()
            .get_template("statement.html")
            .render(
                statement=statement,
                owners=[(whose, row, tables.budget_of(statement, whose)) for whose, row in owners],
                total=tables.total(statement),
                services=tables.folded(tables.by_service(statement), MOST_SERVICES),
                of_owner=[
                    (row, tables.folded(tables.by_service(statement, whose), MOST_SERVICES))
                    for whose, row in owners
                    if row.effective
                ],
                categories=tables.by_category(statement),
                late=tables.late(statement),
                budgets=tables.budgets(statement),
                chart=draw([row for _, row in owners], *months),
                count_text=count_text,
                words=words,
                wording=wording,
            )
        )
        return Document("text/html; charset=utf-8", page.encode(errors="replace"))


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("finops_exporters.statement"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
