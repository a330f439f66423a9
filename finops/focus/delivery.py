"""Offers of a source -> one delivery: every part conformed, all with the same columns, only the offered periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import polars as pl

from finops.errors import FinopsError
from finops.focus.conform import Conformed, always_there, conform
from finops.focus.observations import add_up
from finops.focus.repair.canonical_json import CanonicalJson
from finops.focus.schema import polars_schema
from finops.objectstore.unreadable import unreadable
from finops.ports.lake import Delivery, Tally
from finops.ports.source import Offer, Part


def deliver(source: str, offers: Sequence[Offer]) -> Delivery:
    """``offers`` (one a billing period) as one delivery that replaces these periods.

    Only headers are read here. A part that several offers share is read once. Raises ``RefusedBatch`` for faults of a
    header, and what opening a part raises; faults of rows come out of the delivery's ``verify``.
    """
    parts = {part.name: part for offer in offers for part in offer.parts}
    canonical = CanonicalJson()
    periods = sorted(offer.billing_period for offer in offers)
    conformed = [conform(part, periods=periods, canonical=canonical) for part in parts.values()]
    schema = common_schema([part.schema for part in conformed])
    rows = [_aligned(part, schema) for part in conformed]
    absent = frozenset.intersection(*(part.absent for part in conformed)) if conformed else frozenset()
    return Delivery(
        source=source,
        rows=pl.concat(rows, how="vertical") if rows else pl.LazyFrame(schema=schema),
        periods={offer.billing_period: offer.digest for offer in offers},
        manifests={offer.billing_period: offer.manifest for offer in offers},
        estimated_from={offer.billing_period: offer.estimated_from for offer in offers if offer.estimated_from},
        verify=lambda: _verified(conformed),
        explain=lambda: _unreadable_part(list(parts.values())),
        absent=absent,
        pieces=tuple(partial(_piece, source, part, tuple(periods), schema, absent) for part in parts.values()),
    )


def _piece(
    source: str, part: Part, periods: Sequence[date], schema: dict[str, pl.DataType], absent: frozenset[str]
) -> Delivery:
    """One part with the columns of all; whoever makes it knows the periods' digests and manifests."""
    conformed = conform(part, periods=periods)
    return Delivery(
        source=source,
        rows=_aligned(conformed, schema),
        periods=dict.fromkeys(periods, ""),
        manifests={},
        verify=conformed.verify,
        explain=lambda: _unreadable_part([part]),
        absent=absent,
    )


def common_schema(schemas: Sequence[dict[str, pl.DataType]]) -> dict[str, pl.DataType]:
    """FOCUS columns, every ``x_`` column of any part, ``billing_period``.

    An ``x_`` column that parts have in different types is text; of spellings that differ by case the first stays.
    """
    extra: dict[str, pl.DataType] = {}
    spelling: dict[str, str] = {}
    for schema in schemas:
        for column in schema.keys() - polars_schema().keys() - {"billing_period"}:
            name = spelling.setdefault(column.casefold(), column)
            known = extra.setdefault(name, schema[column])
            if known != schema[column]:
                extra[name] = pl.String()
    for name, dtype in always_there().items():
        extra.setdefault(name, dtype)
    return {**polars_schema(), **dict(sorted(extra.items())), "billing_period": pl.Date()}


def _unreadable_part(parts: Sequence[Part]) -> FinopsError | None:
    """What keeps a part from being read, with its name: the stream over all parts does not say which it was."""
    for part in parts:
        try:
            part.open().map_batches(lambda batch: batch.clear(), streamable=True).collect(engine="streaming")
        except FinopsError as error:
            return error
        except (pl.exceptions.PolarsError, OSError) as error:
            return unreadable(error, part.name)
    return None


def _aligned(part: Conformed, schema: dict[str, pl.DataType]) -> pl.LazyFrame:
    if part.schema == schema:
        return part.rows
    own = {column.casefold(): column for column in part.schema}
    columns = []
    for name, dtype in schema.items():
        column = own.get(name.casefold())
        value = pl.lit(None) if column is None else pl.col(column)
        columns.append(value.cast(dtype).alias(name))
    return part.rows.select(columns)


def _verified(parts: Sequence[Conformed]) -> Tally:
    return add_up([part.verify() for part in parts])
