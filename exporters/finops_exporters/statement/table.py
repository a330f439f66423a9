"""The statement's lines as CSV: one table, exact cents, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from finops.model.statement import Statement
from finops.model.untrusted import spreadsheet_text
from finops.ports.exporter import Document

_LONGEST = 300
"""Characters of a name."""


class StatementCsv:
    """A row a line of the statement; the columns billed and effective add up to its totals. So does allocated, the last
    one, where rules moved costs: programs find every other column where it was."""

    def render(self, statement: Statement) -> Document:
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\r\n")  # https://www.rfc-editor.org/rfc/rfc4180
        rows.writerow(
            [
                "month", safe(statement.by), "service", "source", "charge_category", "correction", "charged_in",
                "billing_currency", "billed", "effective", "currency", "status", "made_at",
                *(["allocated"] if statement.is_allocated else []),
            ]
        )  # fmt: skip
        status = "faulty" if statement.faults else "provisional" if statement.provisional else "settled"
        for line in statement.lines:
            rows.writerow(
                [
                    f"{statement.month:%Y-%m}",
                    safe(line.whose),
                    safe(line.service),
                    safe(line.source),
                    safe(line.category),
                    "yes" if line.correction else "no",
                    f"{line.charged_in or statement.month:%Y-%m}",
                    safe(line.currency),
                    f"{line.billed:f}",
                    f"{line.effective:f}",
                    statement.currency,
                    status,
                    statement.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    *([f"{line.allocated:f}"] if statement.is_allocated else []),
                ]
            )
        return Document("text/csv; charset=utf-8", out.getvalue().encode(errors="replace"))


def safe(text: str) -> str:
    return spreadsheet_text(text, _LONGEST)
