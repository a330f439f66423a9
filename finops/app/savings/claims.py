"""Who claims a saving, and withdraws it; and what is measured of all of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from finops.app.costs import CostReader
from finops.app.savings.measure import LONGEST, Measuring, span_of
from finops.conditions import parse
from finops.documents import did_you_mean
from finops.errors import BadArguments, UnknownSaving
from finops.memo import Memo
from finops.model.audit import Actor, AuditAction, AuditEntry
from finops.model.cost_question import CostQuestion, Every
from finops.model.period import month_start
from finops.model.saving import MeasuredSaving, SavingClaim, SavingList, SavingState
from finops.ports.clock import Clock
from finops.ports.savings import SavingClaims

LONGEST_NOTE = 1000
MOST_ROWS_AT_ONCE = 2_000_000
"""Single rows that are read for price and mix while somebody waits for a page: some two seconds."""
_TRAILER = re.compile(r"^Saves:[ \t]*(?P<scope>.+?)[ \t]*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Savings:
    """``series``: names of the configured demand series. ``teams``: what a viewer may see of claims, as (dimension, its
    values): those whose scope provably holds nothing else; None: all. What was measured last is kept until data, rates
    or claims change."""

    costs: CostReader
    store: SavingClaims
    series: Collection[str]
    clock: Clock
    teams: tuple[str, frozenset[str]] | None = None
    _measured: Memo[Sequence[MeasuredSaving]] = field(default_factory=Memo, init=False, repr=False)

    def claim(
        self, scope: str, since: date, *, demand: str = "", actor: Actor, note: str = "", key: str = ""
    ) -> SavingClaim:
        """Records that ``scope`` costs less from ``since`` on. ``key``: the same key makes one claim only.

        Raises ``BadArguments`` for a scope that is no condition or holds no cost, a day before any bill or beyond a
        year ahead, an unknown series, a note that is too long.
        """
        scope, note = scope.strip(), note.strip()
        if not scope:
            raise BadArguments("the scope is missing", where="scope", remedy="Give an SQL condition, as in policies")
        if len(note) > LONGEST_NOTE:
            remedy = f"Use at most {LONGEST_NOTE} characters"
            raise BadArguments("the note is too long", where="note", remedy=remedy)
        if demand and demand not in self.series:
            remedy = did_you_mean(demand, self.series) or "List it under demand: in finops.yaml"
            raise BadArguments(f"no demand series '{demand}'", where="demand", remedy=remedy)
        now = self.clock.now()
        self._check(scope, since)
        claim_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{actor.name} {key}").hex if key else uuid.uuid4().hex
        made = SavingClaim(claim_id[:12], scope, since, demand, actor.name, note, now)
        entry = AuditEntry(now, AuditAction.SAVING_CLAIMED, actor, made.id, f"{scope} since {since}", note)
        self.store.record(made, entry)
        first = self._found(made.id)
        if (first.scope, first.since, first.demand) != (scope, since, demand):
            raise BadArguments("the key was used for another claim", where="key", remedy="Use a new key for each claim")
        return first

    def withdraw(self, id_or_prefix: str, *, actor: Actor, note: str = "") -> SavingClaim:
        """Raises ``UnknownSaving`` where no claim, or more than one, has an id that starts so."""
        found, now = self._found(id_or_prefix), self.clock.now()
        subject = f"{found.scope} since {found.since}"
        entry = AuditEntry(now, AuditAction.SAVING_WITHDRAWN, actor, found.id, subject, note.strip()[:LONGEST_NOTE])
        self.store.withdraw(found.id, entry)
        return self._found(found.id)

    def claims(self) -> Sequence[SavingClaim]:
        """Those that the viewer may see, the newest first."""
        return [one for one in self.store.all() if self._sees(one)]

    def measured(
        self, *, month: date | None = None, as_of: datetime | None = None, most_rows: int | None = None
    ) -> SavingList:
        """What each claim saved until now, or in ``month`` (its first day), on data as known ``as_of``.

        What it comes from, too, unless more than ``most_rows`` single rows would have to be read for that. Raises what
        the stores raise.
        """
        claims = self.claims()
        live = [one for one in claims if one.withdrawn_at is None]
        measuring = Measuring(self.costs, live, as_of=as_of)
        made = self._measured.of(
            (measuring.mark, live, month, most_rows), lambda: list(measuring.all(month, most_rows=most_rows))
        )
        found = {one.claim.id: one for one in made}
        withdrawn = "Withdrawn: nothing is measured."
        return SavingList(
            currency=self.costs.settings.config.currency,
            savings=[found.get(one.id) or MeasuredSaving(one, SavingState.WITHDRAWN, withdrawn) for one in claims],
            settled_through=measuring.settled_through,
            sources=measuring.sources,
            month=month_start(month) if month is not None else None,
        )

    def _found(self, id_or_prefix: str) -> SavingClaim:
        found = [one for one in self.claims() if id_or_prefix and one.id.startswith(id_or_prefix)]
        if len(found) != 1:
            what = f"{len(found)} claims have ids that start with" if found else "no claim"
            raise UnknownSaving(f"{what} '{id_or_prefix}'", where="ID", remedy="'finops savings list' shows the ids")
        return found[0]

    def _sees(self, claim: SavingClaim) -> bool:
        return self.teams is None or parse(claim.scope, self.costs.columns).confines(*self.teams)

    def _check(self, scope: str, since: date) -> None:
        today = self.clock.now().astimezone(self.costs.settings.config.timezone).date()
        before = span_of(since)
        if abs(since - today) > LONGEST:
            raise BadArguments(
                f"{since} is more than a year from today", where="since", remedy="Name the day of the change"
            )
        question = CostQuestion(before.start, before.end, every=Every.ALL, scope=scope)
        report = self.costs.report(self.costs.understand(question))
        if not report.whole and since <= today:
            what = f"no row from {before.start} to {before.last_day} is in the scope"
            raise BadArguments(what, where="scope", remedy="'finops costs --scope' shows what a scope holds")


def saved_scopes(message: str) -> Sequence[str]:
    """The conditions of the trailers ``Saves: SCOPE`` in a commit message."""
    return [one["scope"] for one in _TRAILER.finditer(message)]
