"""Any FOCUS bill, 1.0 to 1.4 -> rows of the newest version: repaired where the meaning is certain, else refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from finops.errors import FinopsError
from finops.focus.ai import AI_COLUMNS
from finops.focus.batch import BATCH_ROW, BatchConformer
from finops.focus.naming import name_columns
from finops.focus.observations import Fault, Observations, add_up
from finops.focus.repair.amount import AmountRepairer
from finops.focus.repair.canonical_json import CanonicalJson
from finops.focus.repair.extra import extra_repairer, extra_type
from finops.focus.repair.repairer import Repairer, focus_repairer
from finops.focus.schema import AMOUNT, PRINCIPAL, SUCCESSORS, focus_columns, polars_schema
from finops.model.cell import Notation
from finops.objectstore.unreadable import unreadable
from finops.ports.lake import Tally
from finops.ports.source import Part

_POINT = r"^\s*[+-]?[0-9]*\.[0-9]+\s*$"


@dataclass(frozen=True, slots=True)
class Conformed:
    """One part, conformed.

    ``version``: the FOCUS version that its columns show, "1.0" to "1.4". ``rows``: streams, to be consumed once; the
    65 columns, then ``x_`` columns by name, then ``billing_period`` (Date). ``absent``:
    FOCUS columns that the part lacks, so that they are null in every row.
    """

    name: str
    version: str
    rows: pl.LazyFrame
    schema: dict[str, pl.DataType]
    absent: frozenset[str]
    _part: Part = field(repr=False)
    _amounts: tuple[str, ...] = field(repr=False)
    _header: Tally = field(repr=False)
    _observations: Observations = field(repr=False)

    def verify(self) -> Tally:
        """What was repaired in the rows that were consumed; reads them itself when nobody did.

        Raises ``RefusedBatch`` with file, row, column and value of the first fault; before it what the part's own
        ``verify`` raises.
        """
        if not self._observations.batches:
            try:
                self.rows.select(pl.len()).collect(engine="streaming")
            except (pl.exceptions.PolarsError, OSError) as error:
                raise unreadable(error, self.name) from error
        by_source = Tally(repaired=self._part.verify())
        tally = self._observations.tally(self.name, self._header)
        if (comma := self._observations.notations.get(Notation.DECIMAL_COMMA)) is not None:
            self._check_points(comma)
        return add_up([tally, by_source])

    def _check_points(self, comma: Fault) -> None:
        """A part with decimal commas has no decimal points: raises ``RefusedBatch`` where it mixes the two."""
        raw = self._part.open()
        texts = [name for name in self._amounts if raw.collect_schema()[name] == pl.String]
        points = raw.select(pl.col(name).filter(pl.col(name).str.contains(_POINT)).first() for name in texts)
        for column, value in points.collect(engine="streaming").row(0, named=True).items():
            if value is not None:
                what = f"'{comma.value}' has a decimal comma, '{value.strip()}' in the column {column} a decimal point"
                raise replace(comma, what=what).refusal(self.name)


def conform(
    part: Part, *, periods: Collection[date] | None = None, canonical: CanonicalJson | None = None
) -> Conformed:
    """``part`` as rows of the newest FOCUS version; with ``periods`` only rows of these billing periods.

    Nothing is read but the header: faults of rows come out of ``verify``. ``canonical`` may be shared among parts.
    Raises ``RefusedBatch`` for faults of the header, and what reading it raises.
    """
    try:
        raw = part.open()
        schema = raw.collect_schema()
    except FinopsError:
        raise
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(error, part.name) from error
    naming = name_columns(schema.names(), part.name)
    canonical = canonical or CanonicalJson()
    repairers: dict[str, Repairer] = {
        name: focus_repairer(focus_columns()[column], schema[name], canonical) for column, name in naming.focus.items()
    }
    extra = always_there()
    always_text = {*AI_COLUMNS, PRINCIPAL}
    for column, name in naming.extra.items():
        if AI_COLUMNS.get(column) == AMOUNT:
            repairers[name] = AmountRepairer(column, schema[name])
            continue
        is_provider_column = (name.startswith("x_") or name in SUCCESSORS) and column not in always_text
        extra[column] = extra_type(schema[name], is_provider_column=is_provider_column)
        repairers[name] = extra_repairer(column, schema[name], extra[column], canonical)
    amounts = tuple(name for name, repairer in repairers.items() if isinstance(repairer, AmountRepairer))
    conformed = {**polars_schema(), **dict(sorted(extra.items())), "billing_period": pl.Date()}
    observations = Observations()
    absent = frozenset(polars_schema().keys() - naming.focus.keys())
    present = {name: dtype for name, dtype in conformed.items() if name not in absent}
    batch = BatchConformer(repairers, present, periods, observations, only=part.billing_period)
    found = raw.with_row_index(BATCH_ROW).map_batches(batch, schema=present, streamable=True)
    # nulls that nobody reads are never made
    nulls = (pl.lit(None, conformed[name]).alias(name) for name in sorted(absent))
    rows = found.with_columns(nulls).select(list(conformed))
    header = Tally(0, naming.repaired, naming.notes)
    return Conformed(part.name, naming.version, rows, conformed, absent, part, amounts, header, observations)


def always_there() -> dict[str, pl.DataType]:
    """``x_`` columns that conformed rows have whatever their bill has, so that conditions may name them."""
    own = {*SUCCESSORS.values(), PRINCIPAL} - polars_schema().keys()
    return {**dict.fromkeys(sorted(own), pl.String()), **AI_COLUMNS}
