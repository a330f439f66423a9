"""FOCUS's Contract Commitment, Billing Period and Invoice Detail -> rows of the lake's tables beside the costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from finops.documents import nearest
from finops.errors import FinopsError, RefusedBatch
from finops.focus.batch import BATCH_ROW
from finops.focus.observations import BatchNotes, Observations, add_up
from finops.focus.repair.canonical_json import CanonicalJson
from finops.focus.repair.repairer import focus_repairer
from finops.focus.schema import focus_columns
from finops.model.billing_period import periods_of
from finops.model.cell import plain_name
from finops.objectstore.unreadable import unreadable
from finops.ports.lake import Tally
from finops.ports.records import Dataset
from finops.ports.source import Part

_PART = "\0part"


@dataclass(frozen=True, slots=True)
class _Rules:
    """``needed``: columns that no row can do without. ``with_currency``: an amount that needs its BillingCurrency.
    ``key``: what tells rows apart; of several with one key the newest by ``updated`` counts. ``period``: start, end."""

    needed: tuple[str, ...]
    with_currency: str
    key: tuple[str, ...]
    updated: str
    period: tuple[str, str]


_BILLING_PERIOD = ("BillingPeriodStart", "BillingPeriodEnd")
_RULES: Mapping[Dataset, _Rules] = MappingProxyType(
    {
        Dataset.CONTRACT_COMMITMENT: _Rules(
            ("ContractCommitmentId",),
            "ContractCommitmentCost",
            ("ServiceProviderName", "ContractCommitmentId"),
            "ContractCommitmentLastUpdated",
            ("ContractCommitmentPeriodStart", "ContractCommitmentPeriodEnd"),
        ),
        Dataset.INVOICE_DETAIL: _Rules(
            ("InvoiceId", "BilledCost", "BillingPeriodStart"),
            "BilledCost",
            ("InvoiceIssuerName", "InvoiceId", "InvoiceDetailId"),
            "InvoiceDetailLastUpdated",
            _BILLING_PERIOD,
        ),
        Dataset.BILLING_PERIOD: _Rules(
            ("BillingPeriodStart", "BillingPeriodStatus"),
            "",
            ("InvoiceIssuerName", "BillingPeriodStart"),
            "BillingPeriodLastUpdated",
            _BILLING_PERIOD,
        ),
    }
)


def conform_dataset(dataset: Dataset, parts: Sequence[Part]) -> tuple[pl.DataFrame, Tally]:
    """All rows of ``parts`` with the dataset's columns and ``billing_period`` (null for a commitment), and what was
    repaired and left out.

    These datasets are small: they are held in memory. A row without what identifies it, an amount without a currency, a
    period that ends before it starts and two rows that contradict each other raise ``RefusedBatch`` with file, row and
    column; so does what cannot be read.
    """
    found = [_conformed(dataset, number, part) for number, part in enumerate(parts)]
    rows = pl.concat([frame for frame, _ in found], how="vertical")
    kept, notes = _newest(dataset, rows, [part.name for part in parts])
    tally = add_up([*(tally for _, tally in found), Tally(0, {}, notes)])
    return kept, tally


def _conformed(dataset: Dataset, number: int, part: Part) -> tuple[pl.DataFrame, Tally]:
    try:
        raw = part.open().collect().with_row_index(BATCH_ROW)
    except FinopsError:
        raise
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(error, part.name) from error
    raw = raw.filter(~pl.all_horizontal(pl.exclude(BATCH_ROW).is_null()))
    columns, rules = focus_columns(dataset.title), _RULES[dataset]
    names, strangers = _named(dataset, raw.columns[1:], part.name)
    notes, canonical = BatchNotes(raw[BATCH_ROW]), CanonicalJson()
    read = {
        column: focus_repairer(columns[column], raw[name].dtype, canonical).repair(raw[name], notes, closely=True)
        for column, name in names.items()
    }
    if strangers:
        notes.note("left out", f"columns that {dataset.title} does not have: {', '.join(strangers)}", raw.height)
    rows = pl.DataFrame(
        [
            read[name].alias(name)
            if name in read
            else pl.Series(name, [None], column.polars_type).new_from_index(0, raw.height)
            for name, column in columns.items()
        ]
    )
    _check(rules, rows, raw, names, notes)
    observed = Observations()
    observed.add(notes, raw.height)
    tally = observed.tally(part.name, Tally(repaired=dict(part.verify())))
    start = rows[_BILLING_PERIOD[0]] if _BILLING_PERIOD[0] in rows.columns else None
    periods = periods_of(start) if start is not None else pl.Series([None], dtype=pl.Date).new_from_index(0, raw.height)
    own = [
        periods.alias("billing_period"),
        raw[BATCH_ROW],
        pl.Series(_PART, [number], pl.Int64).new_from_index(0, raw.height),
    ]
    return rows.with_columns(own), tally


def _named(dataset: Dataset, names: Sequence[str], part: str) -> tuple[dict[str, str], list[str]]:
    """FOCUS column -> the file's own name of it, and columns that the dataset does not have."""
    known = {name.casefold(): name for name in focus_columns(dataset.title)}
    found: dict[str, str] = {}
    strangers = []
    for name in names:
        target = known.get(plain_name(name).casefold())
        if target is None:
            strangers.append(name)
        elif target in found:
            raise RefusedBatch(
                f"the column {target} occurs twice", where=f"{part}, header", remedy="Keep one of the two"
            )
        else:
            found[target] = name
    missing = [name for name in _RULES[dataset].needed if name not in found]
    if missing:
        near = nearest(missing[0], strangers)
        remedy = f"Rename '{near}' to '{missing[0]}'" if near else f"Export {dataset.title} with all columns of FOCUS"
        raise RefusedBatch(f"the column {missing[0]} is missing", where=f"{part}, header", remedy=remedy)
    return found, strangers


def _check(rules: _Rules, rows: pl.DataFrame, raw: pl.DataFrame, names: Mapping[str, str], notes: BatchNotes) -> None:
    already = {fault.column for fault in notes.faults}

    def own(column: str) -> pl.Series:
        return raw[names[column]] if column in names else rows[column].cast(pl.String)

    for column in rules.needed:
        if column not in already:
            notes.fault(
                column, rows[column].is_null(), own(column), lambda _: "the value is missing", "Add one to each row"
            )
    if rules.with_currency:
        bare = rows[rules.with_currency].is_not_null() & rows["BillingCurrency"].is_null()
        remedy = "Write the ISO 4217 code of its currency, like EUR"
        notes.fault("BillingCurrency", bare, own("BillingCurrency"), lambda _: "an amount has no currency", remedy)
    start, end = rules.period
    said = "'{}' is not after the period's start".format
    notes.fault(
        end, rows[end] <= rows[start], own(end), said, "A period ends after it starts, and its end is exclusive"
    )


def _newest(dataset: Dataset, rows: pl.DataFrame, parts: Sequence[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Of rows with the same key the newest; rows without a complete key are all kept, but for identical ones."""
    rules = _RULES[dataset]
    content = [name for name in rows.columns if name not in (BATCH_ROW, _PART)]
    distinct = rows.unique(content, keep="first", maintain_order=True)
    identified = distinct[rules.key[-1]].is_not_null()
    ordered = distinct.filter(identified).sort(rules.updated, nulls_last=False, maintain_order=True)
    newest = ordered.group_by(rules.key, maintain_order=True).agg(pl.col(rules.updated).last().alias("newest"))
    current = ordered.join(newest, on=rules.key, nulls_equal=True, maintain_order="left").filter(
        pl.col(rules.updated).eq_missing(pl.col("newest"))
    )
    twice = current.filter(current.select(rules.key).is_duplicated())
    if twice.height:
        first = twice.row(-1, named=True)
        raise RefusedBatch(
            f"two rows say different things of {rules.key[-1]} '{first[rules.key[-1]]}', and neither is newer by "
            f"{rules.updated}",
            where=f"{parts[first[_PART]]}, row {first[BATCH_ROW] + 1}, column {rules.key[-1]}",
            remedy="Keep the row that holds",
        )
    kept = pl.concat([current.drop("newest"), distinct.filter(~identified)]).sort(_PART, BATCH_ROW).select(content)
    older = rows.height - kept.height
    notes = (f"{dataset.title}: {older} rows left out, newer or equal ones replace them",) if older else ()
    return kept, notes
