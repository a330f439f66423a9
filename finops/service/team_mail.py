"""A team's bill as a message to its own receivers, once a month; its digest to its owners, once a week."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from urllib.parse import quote

from finops.app.teams import TeamBills, TeamDigests
from finops.model.cost_question import ALLOCATED_COST, DEFAULT_COST, Compare, CostQuestion, Every, equals
from finops.model.money import added
from finops.model.statement_order import StatementOrder
from finops.model.team import TEAM, Team
from finops.model.team_bill import TeamBill
from finops.model.team_table import bill_csv
from finops.model.untrusted import one_line
from finops.model.wording import amount_text
from finops.ports.documents import NamedDocument
from finops.service.statement_delivery import Digested, Ready

_DAY = 5
_MOST_LINES = 10


def bill_order(team: Team) -> StatementOrder:
    """On the fifth of each month, or once the month before has settled."""
    return StatementOrder(f"team-{quote(team.name, safe='')}", team.receivers, _DAY, None, ("csv",))


def ready_bill(bills: TeamBills, team: Team, site: str, month: date) -> Ready:
    """Raises what ``TeamBills.bill`` raises."""
    bill = bills.bill(team.name, month)
    delayed = "" if bill.settled else f"{month:%Y-%m} is settled through {bill.settled_through or 'no day'}"
    file = NamedDocument(f"bill-{month:%Y-%m}.csv", "text/csv", bill_csv(bill).encode(errors="replace"))
    subject = f"{one_line(team.name)}: {_amount(bill.total, bill)} in {month:%B %Y}"
    return Ready(subject, _lines(bill, site), (file,), delayed)


def digest_order(team: Team) -> StatementOrder | None:
    """Each week on the team's weekday; None for a team that wants none."""
    if team.digest is None:
        return None
    name = f"digest-{quote(team.name, safe='')}"
    return StatementOrder(name, (team.digest.receiver,), 1, None, (), team.digest.weekday)


def ready_digest(digests: TeamDigests, team: Team, site: str, day: date) -> Ready:
    """Raises what ``TeamDigests.make`` raises."""
    if not digests.evaluated:
        return Ready("", (), (), "nothing has been evaluated yet: which alerts fire is unknown")
    digest = digests.make(team, day)
    nothing = not (digest.week.lines or digest.week.sources or digest.month.sources)
    delayed = f"no bill has costs of {one_line(team.name)} yet" if nothing else ""
    return Ready("", (), (), delayed, Digested(digest, team.owners, site))


def _lines(bill: TeamBill, site: str) -> list[str]:
    direct, allocated = (added(line.amount for line in part) for part in (bill.direct, bill.allocated))
    largest = sorted(bill.lines, key=lambda line: -(line.amount or 0))[:_MOST_LINES]
    change = added([bill.total, -bill.before if bill.before is not None else None])
    return [
        f"Bill of {one_line(bill.team.name)} for {bill.month:%B %Y}"
        + (f", cost centre {one_line(bill.team.cost_centre)}." if bill.team.cost_centre else "."),
        "",
        f"direct: {_amount(direct, bill)}",
        f"allocated: {_amount(allocated, bill)}",
        f"total: {_amount(bill.total, bill)}",
        f"change since {bill.compared.start:%B %Y}: {_amount(change, bill)}",
        "",
        "The largest lines:",
        *(
            one_line(
                f"{_amount(line.amount, bill)}: {line.service or '(none)'}, {line.account or '(none)'}"
                + (f", allocated by {line.allocation} from {line.origin}" if line.allocation else "")
            )
            for line in largest
        ),
        *(("", *(f"Note: {one_line(note)}" for note in bill.notes)) if bill.notes else ()),
        "",
        f"The bill: {site}/teams/{quote(bill.team.name, safe='')}?month={bill.month:%Y-%m}",
        f"The charges behind its total: {site}{_charges(bill).address}",
        "The attached file has every line.",
    ]


def _charges(bill: TeamBill) -> CostQuestion:
    cost = ALLOCATED_COST if bill.allocated else DEFAULT_COST
    scope = equals(TEAM, bill.team.name)
    return CostQuestion(bill.period.start, bill.period.end, ("ServiceName",), Every.ALL, (cost,), scope, Compare.MONTH)


def _amount(amount: Decimal | None, bill: TeamBill) -> str:
    return amount_text(amount, bill.currency) if amount is not None else "unknown"
