"""Costs, rules and signatures -> the bill of a team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from finops.app.costs import CostReader
from finops.app.costs.reader import Asked
from finops.app.evaluation.evaluate import Evaluator
from finops.app.reporting.policies import verdicts_of
from finops.app.team_sight import TeamSight
from finops.documents import did_you_mean
from finops.errors import BadArguments, NotFound
from finops.lake.tables.failures import lake_failures
from finops.memo import Memos
from finops.model.audit import Actor, AuditAction, AuditEntry
from finops.model.cost_question import ALLOCATED_COST, DEFAULT_COST, Compare, CostQuestion, Every, equals
from finops.model.cost_report import CostReport
from finops.model.finding import Finding
from finops.model.money import CONVERTED, difference
from finops.model.period import month_start
from finops.model.policy import Policy
from finops.model.team import TEAM, SignOff, Team
from finops.model.team_bill import Correction, TeamBill, TeamLine, TeamList, TeamSum
from finops.model.wording import exact_text
from finops.ports.clock import Clock
from finops.ports.state import SignOffs

BY = ("ServiceName", "SubAccountId")
_MOVED_BY = ("allocation", "from", *BY)
_MOST_MONTHS = 24
_MOST_KEPT = 64
_KEPT = timedelta(minutes=10)
"""How long verdicts of the running month stand in a bill: their pace changes with the hour."""
UNKNOWN_LINES = "(unknown)"
"""The service and account of what a rule moved that nobody knows."""


@dataclass(frozen=True, slots=True)
class TeamBills:
    """``teams``: as finops.yaml has them. ``sight``: whose viewer they are for; None: everybody's. A bill is kept until
    data, rules, policies or rates change."""

    costs: CostReader
    teams: Sequence[Team]
    signatures: SignOffs
    clock: Clock
    evaluator: Evaluator
    sight: TeamSight | None = None
    _listed: Memos[CostReport] = field(default_factory=lambda: Memos(_MOST_MONTHS), init=False, repr=False)
    _bills: Memos[TeamBill] = field(default_factory=lambda: Memos(_MOST_KEPT), init=False, repr=False)

    def listed(self, month: date | None = None) -> TeamList:
        """Every value of the dimension that costs something in ``month`` (default: the running one), and every team.

        Raises ``BadArguments`` without the dimension, and what the stores raise.
        """
        first = month or self._this_month()
        question = self._question(first, (TEAM,), (ALLOCATED_COST, DEFAULT_COST))
        asked = self.costs.understand(question)
        report = self._listed.of(self.costs.mark(asked), lambda: self.costs.report(asked))
        known = {team.name: team for team in self.teams}
        signed = {one.team: one for one in self.signatures.of(first)}
        found: dict[str, TeamSum] = {}
        for total in report.totals:
            (name,) = total.group
            whole, direct = total.amounts
            before = total.compared[0] if total.compared and total.comparable else None
            moved = difference(whole, direct)
            found[name] = TeamSum(known.get(name, Team(name)), direct, moved, whole, before, signed.get(name))
        # where rules move costs that nobody knows, no team is known to have none
        doubtful = bool(self.costs.allocated(asked).doubts)
        nothing = None if doubtful or report.unreached else Decimal(0)
        names = dict.fromkeys((*known, *(self._targets() if doubtful else ())))
        rest = [
            TeamSum(known.get(name, Team(name)), nothing, nothing, nothing, nothing, signed.get(name))
            for name in names
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
        team = self._team(name)
        asked = self.costs.understand(self._question(first, BY, (DEFAULT_COST,), equals(TEAM, name)))
        signed = next((one for one in self.signatures.of(first) if one.team == name), None)
        tick = self.clock.now().timestamp() // _KEPT.total_seconds()
        origin = team, signed, self.evaluator.inputs_version(), tick, self.costs.mark(asked)
        return self._bills.of(origin, lambda: self._whole(team, first, asked, signed))

    def _whole(self, team: Team, first: date, asked: Asked, signed: SignOff | None) -> TeamBill:
        bill = self._with_verdicts(self._bill(team, first, asked), asked)
        if signed is None:
            return bill
        try:
            then = self._bill(team, first, self.costs.understand(asked.question, as_of=signed.at))
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

    def between(self, team: Team, question: CostQuestion) -> TeamBill:
        """What the team pays for in any period: without verdicts, and not kept. Raises what the stores raise."""
        asked = self.costs.understand(question)
        return self._bill(team, asked.query.period.start, asked)

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
        known = [*(total.team.name for total in self.listed().teams), *self._targets()]
        if name in known:
            return Team(name)
        raise BadArguments(f"no team '{name}'", where="team", remedy=did_you_mean(name, known))

    def _targets(self) -> Sequence[str]:
        """Teams that rules name, whether or not they got anything."""
        rules = self.costs.settings.config.allocations
        return [name for rule in rules if rule.to == TEAM for name in rule.targets]

    def _question(self, month: date, by: tuple[str, ...], costs: tuple[str, ...], scope: str = "") -> CostQuestion:
        return CostQuestion(month, month_start(month, 1), by, Every.ALL, costs, scope, Compare.MONTH)

    def _bill(self, team: Team, month: date, asked: Asked) -> TeamBill:
        direct = self.costs.report(asked)
        question = replace(asked.question, by=_MOVED_BY)
        # of the same data, whatever is collected meanwhile
        moved = self.costs.of_moved.report_moved(
            replace(asked, question=question, query=replace(asked.query, by=_MOVED_BY))
        )
        allocated = self.costs.allocated(asked)
        unknown = [TeamLine(rule, "", UNKNOWN_LINES, UNKNOWN_LINES, None) for rule in allocated.doubts]
        lines = [*_lines(direct), *_lines(moved), *unknown]
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
            notes=tuple(dict.fromkeys((*direct.notes, *moved.notes, *self.costs.unknown_shares(asked, allocated)))),
        )

    def _with_verdicts(self, bill: TeamBill, asked: Asked) -> TeamBill:
        """Budgets as they stood at the end of the month; unit costs and emissions once it had settled."""
        evaluator, name, now = self.evaluator, bill.team.name, self.clock.now()
        policies = [one for one in evaluator.policies.load_each().policies if is_about(one, name)]
        if not policies:
            return bill
        settings = evaluator.settings.read()
        end = datetime.combine(month_start(bill.month, 1), time.min, settings.timezone).astimezone(UTC)
        at_the_end, settled = min(now, end - timedelta(seconds=1)), min(now, end + settings.settling)
        view = self.costs.lake.at(asked.version, without=asked.faults)
        with lake_failures(self.costs.lake.uri):
            budgets = verdicts_of("budgets", policies, view, at_the_end, asked.freshness, settings)
            unit_costs = verdicts_of("unit_costs", policies, view, settled, asked.freshness, settings)
            emissions = verdicts_of("emissions", policies, view, settled, asked.freshness, settings)
        return replace(
            bill,
            budgets=self._own(budgets, name),
            unit_costs=self._own(unit_costs, name),
            emissions=self._own(emissions, name),
        )

    def _own(self, findings: Sequence[Finding], name: str) -> tuple[Finding, ...]:
        of_team = [one for one in findings if one.group.get(TEAM, name) == name]
        return tuple(one for one in of_team if self.sight is None or self.sight.sees(one))


def is_about(policy: Policy, team: str) -> bool:
    """Whether it has a verdict about the team alone: its scope holds no other, or its groups are teams."""
    envelope = policy.spec.envelope
    condition = envelope.condition
    return TEAM in envelope.group_by or (condition is not None and condition.confines(TEAM, [team]))


def _lines(report: CostReport) -> list[TeamLine]:
    lines = []
    for total in report.totals:
        *moved, service, account = total.group
        rule, origin = moved or ("", "")
        before = total.compared[0] if total.compared and total.comparable else None
        if total.amounts[0] != 0 or before:  # None: unknown
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
