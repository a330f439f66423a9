"""Costs, rules and signatures -> the bill of a team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from finops.app.costs import CostReader
from finops.documents import did_you_mean
from finops.errors import BadArguments, NotFound
from finops.model.audit import Actor, AuditAction, AuditEntry
from finops.model.cost_question import ALLOCATED_COST, DEFAULT_COST, Compare, CostQuestion, Every, equals
from finops.model.cost_report import CostReport
from finops.model.money import CONVERTED
from finops.model.period import month_start
from finops.model.team import TEAM, SignOff, Team
from finops.model.team_bill import Correction, TeamBill, TeamLine, TeamList, TeamSum
from finops.model.wording import exact_text
from finops.ports.clock import Clock
from finops.ports.state import SignOffs

_BY = ("ServiceName", "SubAccountId")
_MOVED_BY = ("allocation", "from", *_BY)
_MOST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class TeamBills:
    """``teams``: as finops.yaml has them."""

    costs: CostReader
    teams: Sequence[Team]
    signatures: SignOffs
    clock: Clock

    def listed(self, month: date | None = None) -> TeamList:
        """Every value of the dimension that costs something in ``month`` (default: the running one), and every team.

        Raises ``BadArguments`` without the dimension, and what the stores raise.
        """
        first = month or self._this_month()
        question = self._question(first, (TEAM,), (ALLOCATED_COST, DEFAULT_COST))
        report = self.costs.report(self.costs.understand(question))
        known = {team.name: team for team in self.teams}
        signed = {one.team: one for one in self.signatures.of(first)}
        found: dict[str, TeamSum] = {}
        for total in report.totals:
            (name,) = total.group
            whole, direct = total.amounts
            before = total.compared[0] if total.compared and total.comparable else None
            moved = CONVERTED.subtract(whole, direct) if whole is not None and direct is not None else None
            found[name] = TeamSum(known.get(name, Team(name)), direct, moved, whole, before, signed.get(name))
        nothing = None if report.unreached else Decimal(0)
        rest = [
            TeamSum(team, nothing, nothing, nothing, nothing, signed.get(name))
            for name, team in known.items()
            if name not in found
        ]
        return TeamList(
            month=first,
            period=report.period,
            compared=report.compared_period or report.period,
            currency=report.currency,
            teams=(*found.values(), *rest),
            months=self.months(),
            notes=report.notes,
        )

    def bill(self, name: str, month: date | None = None) -> TeamBill:
        """The bill of the team for ``month`` (default: the running one), with corrections where it was signed off.

        Raises ``BadArguments`` for a team that is not known, and what the stores raise.
        """
        first = month or self._this_month()
        bill = self._bill(self._team(name), first)
        signed = next((one for one in self.signatures.of(first) if one.team == name), None)
        if signed is None:
            return bill
        try:
            then = self._bill(bill.team, first, as_of=signed.at)
        except NotFound as error:
            return replace(bill, signed=signed, notes=(*bill.notes, f"Corrections are unknown: {error.what}"))
        notes = bill.notes
        if then.total != signed.total:
            shown = exact_text(signed.total, signed.currency)
            notes = (
                *notes,
                f"The rules changed after the month was signed off at {shown}: corrections are of bills alone",
            )
        return replace(bill, signed=signed, corrections=tuple(_corrections(then, bill)), notes=notes)

    def sign_off(self, name: str, month: date, *, actor: Actor, note: str) -> SignOff:
        """Accepts the bill as it is now, in the audit log too. Raises ``BadArguments`` for a month that has not settled
        or whose amount is unknown, and what the stores raise."""
        bill = self.bill(name, month)
        where = f"team {name}, {month:%Y-%m}"
        if not bill.settled:
            through = bill.settled_through or "no day"
            raise BadArguments("the month can still change", where=where, remedy=f"It is settled through {through}")
        if bill.total is None:
            raise BadArguments("the total is unknown", where=where, remedy="; ".join(bill.notes) or "See its page")
        signed = SignOff(name, month, self.clock.now(), actor.name, note.strip(), bill.total, bill.currency)
        subject = f"{month:%Y-%m}: {exact_text(signed.total, signed.currency)}"
        entry = AuditEntry(signed.at, AuditAction.SIGNED_OFF, actor, name, subject, signed.note)
        self.signatures.record(signed, entry)
        return signed

    def months(self) -> list[date]:
        """The newest first."""
        sources = [one.source for one in self.costs.freshness.read()]
        known = {period for source in sources for period in self.costs.lake.known(source)}
        return sorted({month_start(period) for period in known}, reverse=True)[:_MOST_MONTHS]

    def _this_month(self) -> date:
        zone = self.costs.settings.config.timezone
        return month_start(self.clock.now().astimezone(zone).date())

    def _team(self, name: str) -> Team:
        team = next((team for team in self.teams if team.name == name), None)
        if team is not None:
            return team
        known = [total.team.name for total in self.listed().teams]
        if name in known:
            return Team(name)
        raise BadArguments(f"no team '{name}'", where="team", remedy=did_you_mean(name, known))

    def _question(self, month: date, by: tuple[str, ...], costs: tuple[str, ...], scope: str = "") -> CostQuestion:
        return CostQuestion(month, month_start(month, 1), by, Every.ALL, costs, scope, Compare.MONTH)

    def _bill(self, team: Team, month: date, *, as_of: datetime | None = None) -> TeamBill:
        scope = equals(TEAM, team.name)
        question = self._question(month, _BY, (DEFAULT_COST,), scope)
        direct = self.costs.report(self.costs.understand(question, as_of=as_of))
        reader = self.costs.of_moved
        moved = reader.report_moved(reader.understand(replace(question, by=_MOVED_BY), as_of=as_of))
        lines = [*_lines(direct), *_lines(moved)]
        settled = [report.settled_through for report in (direct, moved) if report.sources]
        return TeamBill(
            team=team,
            month=month,
            period=direct.period,
            compared=direct.compared_period or direct.period,
            currency=direct.currency,
            lines=tuple(lines),
            settled_through=min((day for day in settled if day is not None), default=None) if all(settled) else None,
            sources=tuple(dict.fromkeys((*direct.sources, *moved.sources))),
            made_at=self.clock.now().astimezone(UTC),
            unreached=direct.unreached,
            notes=tuple(dict.fromkeys((*direct.notes, *moved.notes, *self._unallocated(direct, as_of)))),
        )

    def _unallocated(self, report: CostReport, as_of: datetime | None) -> Sequence[str]:
        """What the rules could not divide in the month."""
        question = replace(report.question, costs=(ALLOCATED_COST,), by=(), compare=None, scope="")
        return self.costs.report(self.costs.understand(question, as_of=as_of)).notes


def _lines(report: CostReport) -> list[TeamLine]:
    lines = []
    for total in report.totals:
        *moved, service, account = total.group
        rule, origin = moved or ("", "")
        before = total.compared[0] if total.compared and total.comparable else None
        if total.amounts[0] or before:
            lines.append(TeamLine(rule, origin, service, account, total.amounts[0], before))
    return lines


def _corrections(then: TeamBill, now: TeamBill) -> list[Correction]:
    """Lines whose amount is another one, the largest change first."""
    before = {_place(line): line for line in then.lines}
    after = {_place(line): line for line in now.lines}
    found = []
    for place in {**before, **after}:
        line = after.get(place) or replace(before[place], amount=Decimal(0))
        signed = before[place].amount if place in before else Decimal(0)
        if signed is not None and line.amount is not None and line.amount != signed:
            found.append(Correction(line, signed, CONVERTED.subtract(line.amount, signed)))
    return sorted(found, key=lambda one: (-abs(one.change), _place(one.line)))


def _place(line: TeamLine) -> tuple[str, str, str, str]:
    return line.allocation, line.origin, line.service, line.account
