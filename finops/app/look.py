"""A bill at a glance, without any configuration: months, services, movers, forecast, owners, and a first budget."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from finops.app.setup import Answers, policy_text
from finops.app.survey import COST, SOURCE, Month, Survey, survey
from finops.config.plugins import policy_kinds
from finops.evaluate.engine import evaluate
from finops.focus.schema import condition_columns
from finops.lake import InMemoryLakeView
from finops.model.evaluation import Settings
from finops.model.finding import Finding
from finops.model.source_freshness import SourceFreshness
from finops.policy.load import read_policies

COMPARED_DAYS = 30
_MOST_TAGS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One service: its cost in the newest days, and in as many days before them."""

    name: str
    amount: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal:
        return self.amount - self.before


@dataclass(frozen=True, slots=True)
class Look:
    """Amounts are EffectiveCost in ``currency``; other currencies of the bill are named, not converted.

    ``services``: of the newest ``days`` days, the most expensive first; ``movers``: by the size of their change against
    the days before, empty where the bill has too few. ``budget``: of a month, None where the bill says none;
    ``finding``: its verdict ``as_of`` the newest bill. ``command``: continues from here.
    """

    survey: Survey
    currency: str
    rows: int
    months: tuple[Month, ...]
    services: tuple[Line, ...]
    movers: tuple[Line, ...]
    days: int
    as_of: datetime
    budget: Decimal | None
    finding: Finding | None
    command: str


def look(paths: Sequence[str], *, base: Path, now: datetime, doing: Callable[[str], None] = lambda _text: None) -> Look:
    """Looks at every bill of ``paths``. Raises what reading them raises."""
    found = survey(paths, base=base, doing=doing)
    currency = found.currency
    cells = found.in_currency(currency)
    days = max(1, min(COMPARED_DAYS, ((found.newest - found.first).days + 1) // 2))
    services = _services(cells, found.newest, days)
    as_of = min(found.end, now)
    budget = found.budget(currency)
    doing("evaluating the budget")
    return Look(
        survey=found,
        currency=currency,
        rows=int(found.cells["rows"].sum()),
        months=tuple(found.months(currency)),
        services=tuple(sorted(services, key=lambda one: (-one.amount, one.name))),
        movers=tuple(
            sorted(
                (one for one in services if one.change and found.first < found.newest),
                key=lambda one: (-abs(one.change), one.name),
            )
        ),
        days=days,
        as_of=as_of,
        budget=budget,
        finding=_judged(cells, found.newest, currency, budget, as_of) if budget is not None else None,
        command=_command(paths, found, currency, budget),
    )


def _services(cells: pl.DataFrame, newest: date, days: int) -> list[Line]:
    since, before = newest - timedelta(days=days), newest - timedelta(days=2 * days)
    recent, day = pl.col("day") > since, pl.col("day")
    sums = (
        cells.filter(day > before)
        .group_by(pl.col("ServiceName").fill_null("(no service)"))
        .agg(pl.col(COST).filter(recent).sum().alias("now"), pl.col(COST).filter(~recent).sum().alias("before"))
    )
    return [Line(*row) for row in sums.iter_rows()]


def _judged(cells: pl.DataFrame, newest: date, currency: str, budget: Decimal, as_of: datetime) -> Finding:
    """The verdict of the policy that ``init`` would write, by the evaluation that ``finops evaluate`` makes."""
    text = policy_text(Answers((), currency, budget))
    policies = read_policies(
        text, shown_as="proposed", kinds=policy_kinds().load_all(), columns=condition_columns(), demand=()
    )
    end = datetime.combine(newest + timedelta(days=1), time(), UTC)
    reach = SourceFreshness(SOURCE, "focus-files", as_of, min(end, as_of))
    view = InMemoryLakeView(cells.drop("rows").with_columns(source=pl.lit(SOURCE)))
    evaluation = evaluate(policies, view, as_of=as_of, freshness=[reach], settings=Settings(currency))
    return evaluation.findings[0]


def _command(paths: Sequence[str], found: Survey, currency: str, budget: Decimal | None) -> str:
    parts = ["finops", "init"]
    for number, path in enumerate(paths, start=1):
        name = f",name=bills-{number}" if number > 1 else ""
        parts += ["--source", f"focus-files:path={path}{name}"]
    parts += ["--currency", currency]
    parts += ["--budget", f"{budget:f}"] if budget is not None else []
    for tag in list(found.owner_tags)[:_MOST_TAGS]:
        parts += ["--team-tag", tag]
    return shlex.join(parts)
