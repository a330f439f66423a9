"""Every period of every source against everybody who counts it too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl
import structlog

from finops.app.collection.collectors import Collectors
from finops.app.collection.source import Progress
from finops.app.invoice_lines import delivered_invoices
from finops.app.reconciliation.compare import Judging, compare
from finops.app.reconciliation.counterparts import Counterpart, counterparts, lake_lines
from finops.errors import FinopsError, fault_place
from finops.model.data_version import DataVersion
from finops.model.invoice import Invoice
from finops.model.reconciliation import Agreement, Comparison
from finops.ports.lake import Known, LakeView, Mismatch
from finops.ports.source import EVERYTHING, Window

log = structlog.get_logger("finops.reconcile")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """``mismatches``: where the lake's rows are not those of its own commits. ``comparisons``: by source and period."""

    as_of: datetime
    version: DataVersion
    mismatches: Sequence[Mismatch]
    comparisons: Sequence[Comparison]

    @property
    def is_fine(self) -> bool:
        return not self.mismatches and all(one.is_fine for one in self.comparisons)


def reconcile(
    collectors: Collectors,
    names: Sequence[str],
    judging: Judging,
    *,
    counted_by: Mapping[str, str],
    window: Window = EVERYTHING,
    known_invoices: Sequence[Invoice] = (),
    invoices: Sequence[Invoice] = (),
    progress: Progress = lambda _source, _doing: None,
    done: Callable[[str], None] = lambda _name: None,
) -> Reconciled:
    """The lake recounted, then every billing period of ``names`` in ``window`` compared; what fails is an outcome.

    ``counted_by``: source -> another one that bills the same. ``known_invoices``: of finops.yaml; one in ``invoices``
    of the same source and period goes before it. Invoice lines in the lake are compared besides. Raises what the lake
    raises.
    """
    lake = collectors.lake
    as_of = collectors.clock.now()
    version = lake.version()
    view = lake.at(version)
    mismatches = lake.reconcile()
    typed = {(invoice.source, invoice.billing_period) for invoice in invoices}
    others = [one for one in known_invoices if (one.source, one.billing_period) not in typed]
    delivered = delivered_invoices(view, names)
    comparisons: list[Comparison] = []
    for name in names:
        known = lake.known(name)
        invoiced = [one for one in (*invoices, *others, *(delivered if known else ())) if one.source == name]
        for period in sorted({*known, *(one.billing_period for one in invoiced)}):
            if period in window:
                progress(name, f"comparing {period:%Y-%m}")
                asked = counterparts(collectors.sources, view, name, period, invoiced, twin=counted_by.get(name))
                comparisons.extend(_period(view, name, period, known, asked, judging))
        done(name)
    return Reconciled(as_of, version, mismatches, comparisons)


def _period(
    view: LakeView,
    source: str,
    period: date,
    known: Mapping[date, Known],
    asked: Iterator[Counterpart],
    judging: Judging,
) -> Iterator[Comparison]:
    found = [*_rows(source, period, known), *(_asked(view, source, period, one, judging) for one in asked)]
    if found:
        yield from found
    else:
        reason = "no other total is available: set another source under 'reconcile:', or enter an invoice"
        yield Comparison(source, period, "", Agreement.UNASKED, reason=reason)


def _rows(source: str, period: date, known: Mapping[date, Known]) -> Iterator[Comparison]:
    """The provider's own number of rows, where its manifest says one."""
    counted = known[period].manifest.get("rows") if period in known else None
    if isinstance(counted, int):
        rows = (known[period].rows, counted)
        agreement = Agreement.AGREES if rows[0] == rows[1] else Agreement.DIFFERS
        yield Comparison(source, period, "the manifest's row count", agreement, rows=rows)


def _asked(view: LakeView, source: str, period: date, other: Counterpart, judging: Judging) -> Comparison:
    try:
        totals = other.ask()
        lake = lake_lines(view, source, period, totals.cost)
        compared = compare(source, period, lake, totals, against=f"{other.against}: {totals.origin}", judging=judging)
        if totals.rows is None:
            return compared
        rows = view.costs().filter(pl.col("source") == source, pl.col("billing_period") == period)
        counted = rows.select(pl.len()).collect(engine="streaming").item()
        agreement = compared.agreement if counted == totals.rows else Agreement.DIFFERS
        return replace(compared, rows=(counted, totals.rows), agreement=agreement)
    except FinopsError as error:
        log.warning("a total could not be read", source=source, period=str(period), error=str(error))
        return Comparison(source, period, other.against, Agreement.FAILED, reason=f"it could not be read: {error}")
    except Exception as error:  # an unforeseen fault of one source must not hide the others' answers
        place = fault_place(error)
        log.error("reconciliation failed: internal error", source=source, fault=place)
        log.debug("details", exc_info=True)
        reason = f"internal error ({place}). Please report it; -vv logs the details"
        return Comparison(source, period, other.against, Agreement.FAILED, reason=reason)
