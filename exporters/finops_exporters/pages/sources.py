"""The sources as people ask about them: does it work, how far does its data reach, what did it correct and cost?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from finops.model.money import minor_unit
from finops.model.operations import Operations, SourceFacts, source_job
from finops.model.quality import SourceQuality
from finops.model.quality_text import amounts, basis, change, details
from finops.model.statement import SourceContracts
from finops.model.wording import count_text
from finops.ports.lake import Change
from finops_exporters import words
from finops_exporters.wording import amount, plain

_MOST_RESTATEMENTS = 30
_LONGEST_DETAIL = 5_000


@dataclass(frozen=True, slots=True)
class SourceRow:
    """``id``: its name as finops.yaml has it; ``name``: fit to be shown."""

    id: str
    name: str
    kind: str
    tone: str
    state: str
    complete_through: str
    age: str
    late: Sequence[str]
    last_success: str
    last_success_iso: str
    took: str
    rows: str
    restated: Sequence[str]
    requests: str
    throttled: str
    request_cost: str
    error: str


@dataclass(frozen=True, slots=True)
class Restatement:
    """A delivery that changed what was known of a month."""

    source: str
    month: str
    at: str
    amounts: Sequence[str]
    rows: str


@dataclass(frozen=True, slots=True)
class QualityView:
    """``violations``: column, rule, rows, cost, change. ``details``: what, and the finding."""

    source: str
    basis: str
    violations: Sequence[tuple[str, str, str, str, str]]
    details: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ContractsView:
    """``commitments``: name, end. ``invoices``: number, month, issuer, status, lines, charges, how they agree."""

    source: str
    commitments: Sequence[tuple[str, str]]
    invoices: Sequence[tuple[str, ...]]


def contracts(found: Sequence[SourceContracts]) -> list[ContractsView]:
    return [
        ContractsView(
            one.source,
            [(plain(name), f"ends {end}" if end else "end unknown") for name, end in one.commitments],
            [
                (
                    plain(of.number),
                    f"{month:%Y-%m}",
                    plain(of.issuer),
                    plain(of.status) or "–",
                    _sum(of.invoiced, of.currency),
                    _sum(of.billed, of.currency),
                    {True: "agrees", False: "differs", None: "–"}[of.agrees],
                )
                for month, of in one.invoices
            ],
        )
        for one in found
    ]


def _sum(value: Decimal | None, currency: str) -> str:
    return f"{amount(value, currency)} {currency}" if value is not None else "–"


def source_rows(operations: Operations, now: datetime) -> list[SourceRow]:
    """Failing ones first, then by name."""
    ordered = sorted(operations.sources, key=lambda source: (source.up, source.name))
    return [_row(source, now, operations) for source in ordered]


def qualities(found: Sequence[SourceQuality], now: datetime) -> list[QualityView]:
    """By name, as ``finops sources quality`` tells them."""
    return [
        QualityView(
            words.shown(one.source),
            basis(one, now),
            [
                (column, rule, f"{extent.rows:,}", amounts(extent.amounts), change(one, column, rule))
                for column, rule, extent in one.worst_first
            ],
            [(words.shown(what), words.shown(told, _LONGEST_DETAIL)) for what, told in details(one)],
        )
        for one in found
    ]


def restatements(changes: Sequence[Change]) -> list[Restatement]:
    """Newest first; what was delivered for the first time restates nothing."""
    told = [(change, _amounts(change)) for change in changes]
    return [
        Restatement(
            words.shown(change.source),
            f"{change.billing_period:%B %Y}",
            words.minute(change.at),
            amounts,
            f"{change.rows:,}",
        )
        for change, amounts in told
        if amounts
    ][:_MOST_RESTATEMENTS]


def headline(rows: Sequence[SourceRow]) -> str:
    if not rows:
        return "No sources are configured"
    failing = [row for row in rows if row.tone == "critical"]
    if failing:
        return f"{len(failing)} of {count_text(len(rows), 'source')} {'fails' if len(failing) == 1 else 'fail'}"
    return "The source works" if len(rows) == 1 else f"All {len(rows)} sources work"


def _amounts(change: Change) -> list[str]:
    """Per currency, by what people pay for: the effective cost."""
    return [
        words.signed_money_of(amount, currency)
        for currency, costs in sorted(change.restated.items())
        if (amount := costs.get("EffectiveCost")) and abs(amount) >= minor_unit(currency) / 2
    ]


def _row(source: SourceFacts, now: datetime, operations: Operations) -> SourceRow:
    tone, state = _state(source, operations)
    through = source.complete_through
    return SourceRow(
        id=source.name,
        name=words.shown(source.name),
        kind=words.shown(source.kind),
        tone=tone,
        state=state,
        complete_through=words.day(_last_day(through)) if through else "no data yet",
        age=words.age(_last_day(through), now.astimezone(UTC).date()) if through else "",
        late=[
            *(f"{words.shown(name)} reaches {words.day(_last_day(moment))}" for name, moment in source.late),
            *([f"the others reach {words.day(_last_day(on_time))}"] if (on_time := source.on_time_through) else []),
        ],
        last_success=words.minute(source.last_success_at) if source.last_success_at else "never",
        last_success_iso=source.last_success_at.isoformat() if source.last_success_at else "",
        took=f"{source.collect_duration_seconds:,.1f}\u00a0s" if source.collect_duration_seconds is not None else "–",
        rows=f"{source.rows:,}",
        restated=[
            words.signed_money_of(amount, currency) for currency, amount in sorted(source.restated.items()) if amount
        ],
        requests=f"{source.requests:,}",
        throttled=f"{source.throttled:,}" if source.throttled else "",
        request_cost=f"{source.request_cost_usd:,.2f}\u00a0USD",
        error=words.shown(source.error, 600),
    )


def _state(source: SourceFacts, operations: Operations) -> tuple[str, str]:
    if source.name in operations.collecting:
        return "info", "Collecting"
    if source_job(source.name) in operations.requested:
        return "info", "Requested"
    if not source.up:
        return "critical", "Failing"
    if source.last_success_at is None:
        return "unknown", "Not collected yet"
    return "ok", "Working"


def _last_day(end: datetime) -> date:
    """``complete_through`` is a period's end, exclusive: the last moment in it names the day."""
    return (end.astimezone(UTC) - timedelta(microseconds=1)).date()
