"""One collection of one source: discover, conform, replace."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import structlog

from finops.app.collection.records import collect_records, recognised_records
from finops.app.collection.rollup_repair import heal
from finops.errors import DeadlineExceeded, FinopsError, fault_place
from finops.focus.delivery import deliver
from finops.focus.observations import add_up
from finops.model.collection import CollectionOutcome, CollectionRun
from finops.model.completeness import reach
from finops.model.invoice import Invoice
from finops.model.wording import count_text
from finops.ports.clock import Clock
from finops.ports.lake import Lake, Replacement, Run, Tally
from finops.ports.source import EVERYTHING, Discovery, LongDiscovery, Offer, Source, Usage, Window

log = structlog.get_logger("finops.collect")

Progress = Callable[[str, str], None]
"""Called with (source, what it is doing now)."""

_UNBOUNDED = nullcontext()

RESTATED_COST = "EffectiveCost"
"""Restatements are counted in the cost that policies hold against budgets unless they say otherwise."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What one run of one source did. ``would_read``: the periods that a dry run found changed."""

    run: CollectionRun
    replacements: tuple[Replacement, ...] = ()
    tally: Tally = field(default_factory=Tally)
    would_read: tuple[date, ...] = ()
    exit_status: int = 0


def collect(
    source: Source,
    lake: Lake,
    clock: Clock,
    *,
    invoices: Sequence[Invoice] = (),
    window: Window = EVERYTHING,
    dry_run: bool = False,
    progress: Progress = lambda _source, _doing: None,
    writing: AbstractContextManager[object] = _UNBOUNDED,
    check: Callable[[], None] = lambda: None,
) -> Collected:
    """Collects once. Never raises: a failure is an outcome, so that one source cannot stop another.

    ``writing``: entered while rows are streamed into the lake; it bounds how many collections do so at once.
    ``check``: raises once nobody waits for this collection any more; then nothing is committed. ``invoices``: typed
    into finops.yaml, of any source.
    """
    run = Run(uuid.uuid4().hex[:12], clock.now(), check)
    before = Usage(source.usage.requests, source.usage.throttled, source.usage.request_cost_usd)
    try:
        discovery, changed = _changed(source, lake, window, progress)
        if not changed and not dry_run:
            heal(lake)  # one that was killed may have left rows that are known, and that no reader sees
            lake.faults(lake.version())  # "unchanged" must not be said of a lake in which nothing can be counted
        if dry_run:
            recognised = recognised_records(source.name, discovery.datasets, lake)
            record = _record(source, lake, run, clock, before, notes=(*discovery.notes, *recognised))
            return Collected(record, would_read=tuple(offer.billing_period for offer in changed))
        if not changed:
            beside = collect_records(source.name, discovery.datasets, invoices, lake, run)
            record = _record(
                source, lake, run, clock, before, notes=(*discovery.notes, *beside.notes), changed=beside.changed
            )
            return Collected(record, exit_status=beside.exit_status)
        progress(source.name, f"reading {count_text(len(changed), 'billing period')}")
        delivery = deliver(source.name, changed)
        with writing:
            written = lake.replace(delivery, run)
        beside = collect_records(source.name, discovery.datasets, invoices, lake, run)
        notes = (*discovery.notes, *written.tally.notes, *beside.notes)
        record = _record(source, lake, run, clock, before, written.replacements, notes=notes)
        tally = add_up([written.tally, beside.tally])
        return Collected(record, written.replacements, tally, exit_status=beside.exit_status)
    except FinopsError as error:
        log.warning("collection failed", source=source.name, run=run.id, reason=type(error).__name__, error=str(error))
        return Collected(_record(source, None, run, clock, before, error=str(error)), exit_status=error.exit_status)
    except Exception as error:  # an unforeseen fault of one source must not stop the others
        place = fault_place(error)
        log.error("collection failed: internal error", source=source.name, run=run.id, fault=place)
        log.debug("details", exc_info=True)
        sentence = f"{source.name}: internal error ({place}). Please report it; -vv logs the details"
        return Collected(_record(source, None, run, clock, before, error=sentence), exit_status=4)


def given_up(source: Source, clock: Clock, *, after: timedelta) -> CollectionRun:
    """The record of a collection that has not ended ``after`` so long."""
    run = Run(uuid.uuid4().hex[:12], clock.now() - after)
    error = DeadlineExceeded(
        f"the collection was still running after {after.total_seconds():g} seconds and was abandoned",
        where=source.name,
        remedy="Check that the provider answers: finops sources check",
    )
    return _record(source, None, run, clock, source.usage, error=str(error))


def _changed(source: Source, lake: Lake, window: Window, progress: Progress) -> tuple[Discovery, list[Offer]]:
    progress(source.name, "looking for new data")
    known = lake.sound(source.name)
    if isinstance(source, LongDiscovery):
        source.doing = partial(progress, source.name)
    discovery = source.discover(known, window)
    return discovery, [
        offer
        for offer in discovery.offers
        if offer.billing_period in window
        and (offer.billing_period not in known or known[offer.billing_period].digest != offer.digest)
    ]


def _record(
    source: Source,
    lake: Lake | None,
    run: Run,
    clock: Clock,
    before: Usage,
    written: tuple[Replacement, ...] = (),
    *,
    notes: tuple[str, ...] = (),
    error: str = "",
    changed: bool = False,
) -> CollectionRun:
    # from the lake, not from this run: a run that finds nothing new still says how far the data reaches
    known = lake.known(source.name).values() if lake is not None else ()
    reached = reach(period.completeness for period in known)
    succeeded = CollectionOutcome.OK if written or changed else CollectionOutcome.UNCHANGED
    return CollectionRun(
        run_id=run.id,
        source=source.name,
        kind=source.kind,
        started_at=run.started_at,
        ended_at=clock.now(),
        outcome=CollectionOutcome.FAILED if error else succeeded,
        error=error,
        rows=sum(replacement.rows for replacement in written),
        periods=tuple(replacement.billing_period for replacement in written),
        notes=notes,
        requests=source.usage.requests - before.requests,
        throttled=source.usage.throttled - before.throttled,
        request_cost_usd=Decimal(str(source.usage.request_cost_usd)) - Decimal(str(before.request_cost_usd)),
        complete_through=reached.through,
        late=reached.late,
        on_time_through=reached.on_time_through,
        estimated_from=min((period.estimated_from for period in known if period.estimated_from), default=None),
        restated=_restated(written),
    )


def _restated(replacements: Iterable[Replacement]) -> dict[str, Decimal]:
    """By currency, the net change of periods that were there before."""
    total: dict[str, Decimal] = {}
    for replacement in replacements:
        for currency, sums in replacement.restated.items():
            total[currency] = total.get(currency, Decimal(0)) + sums.get(RESTATED_COST, Decimal(0))
    return dict(sorted(total.items()))
