"""A team's bill as a table for other programs."""

from __future__ import annotations

import csv
import io

from finops.model.money import plain
from finops.model.team_bill import TeamBill, TeamLine
from finops.model.untrusted import spreadsheet_text

BILL_HEADS = ("part", "allocation", "from", "service", "account", "amount", "before", "currency")
_LONGEST = 1000


def bill_csv(bill: TeamBill) -> str:
    """https://www.rfc-editor.org/rfc/rfc4180; one row a line of the bill, every digit; an unknown amount is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["team", "cost_centre", "month", *BILL_HEADS])
    about = [_text(bill.team.name), _text(bill.team.cost_centre), f"{bill.month:%Y-%m}"]
    for line in bill.lines:
        amounts = [plain(one, bill.currency) if one is not None else "" for one in (line.amount, line.before)]
        writer.writerow([*about, *map(_text, bill_labels(line)), *amounts, bill.currency])
    return out.getvalue()


def bill_labels(line: TeamLine) -> list[str]:
    """The first of ``BILL_HEADS``, up to ``account``."""
    part = "allocated" if line.allocation else "direct"
    return [part, line.allocation, line.origin, line.service, line.account]


def _text(value: str) -> str:
    return spreadsheet_text(value, _LONGEST)
