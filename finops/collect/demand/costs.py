"""Demand kind ``costs``: a quantity that the bills themselves state."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import ClassVar, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from finops.collect.demand.series import DAY, VALUE, series_digest
from finops.conditions import Condition, ConditionFaults, parse
from finops.documents import OptionFault, did_you_mean
from finops.errors import FinopsError, RefusedBatch
from finops.model.columns import Columns
from finops.model.money import SCALE
from finops.model.wording import count_text
from finops.ports.lake import QUANTITIES, Lake, LakeView
from finops.ports.source import Check, DemandDelivery

_UNIT_OF = {
    "ConsumedQuantity": "ConsumedUnit",
    "PricingQuantity": "PricingUnit",
    "CommitmentDiscountQuantity": "CommitmentDiscountUnit",
}
"""The column that says what one of a quantity is; ``x_AiTokens`` has none, it counts text tokens."""


class CostsDemandOptions(BaseModel):
    """A quantity column of the bills in the lake, by day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scope: str | None = Field(
        default=None,
        description="SQL condition, as in a policy; default: all rows",
        examples=["x_AiTokens IS NOT NULL"],
    )
    column: str = Field(description=f"Quantity to sum: {', '.join(QUANTITIES)}", examples=["x_AiTokens"])
    group_by: list[str] = Field(
        default_factory=list,
        description="Columns or dimensions that become dimensions of the series",
        examples=[["team"]],
    )
    unit: str | None = Field(default=None, description="Name of one unit; default: the name of the series")


class CostsDemand:
    """One demand series from the lake's own rows.

    A quantity counts on the days on which the row's cost counts: it is spread over a long charge period in the same
    way, in the same time zone. A day without a row that states the quantity is missing, not zero. What a provider
    restates is restated here with the next collection.
    """

    kind: ClassVar[str] = "costs"
    Options: ClassVar[type[BaseModel]] = CostsDemandOptions
    derived_from_costs: Literal[True] = True

    def __init__(self, name: str, options: CostsDemandOptions, *, lake: Lake, columns: Columns) -> None:
        """``columns``: what the scope and ``group_by`` may name."""
        self.name = name
        self._options = options
        self._unit = options.unit or name
        self._lake = lake
        self._aliases = columns.aliases
        self._condition = _condition(options, columns)
        self._definition = ("costs", options.scope or "", options.column, self._unit, *options.group_by)
        self._seen: tuple[int | None, str] | None = None
        self._lock = threading.Lock()

    @classmethod
    def from_options(cls, name: str, options: CostsDemandOptions, *, lake: Lake, columns: Columns) -> CostsDemand:
        return cls(name, options, lake=lake, columns=columns)

    @classmethod
    def check_options(cls, options: CostsDemandOptions, columns: Columns) -> Sequence[OptionFault]:
        """What only the columns of this configuration can tell: every fault of the scope, unknown columns."""
        faults = []
        try:
            _condition(options, columns)
        except ConditionFaults as error:
            faults += [OptionFault(("scope",), fault.message, fault.hint, fault.offset) for fault in error.faults]
        if options.column not in QUANTITIES:
            hint = did_you_mean(options.column, QUANTITIES)
            faults.append(OptionFault(("column",), f"'{options.column}' is not a quantity column", hint))
        for place, name in enumerate(options.group_by):
            if columns.types.get(columns.aliases.get(name, name)) != "text":
                texts = [column for column, kind in columns.types.items() if kind == "text"]
                faults.append(OptionFault(("group_by", place), f"unknown column '{name}'", did_you_mean(name, texts)))
        return faults

    def read(self, known_digest: str | None) -> DemandDelivery | None:
        """The whole series at the newest version of the bills, or None when its content is the known one.

        Bills that did not change since the last reading of this process are not read again. Raises ``RefusedBatch``
        where the rows state the quantity in several units, and what reading the lake raises.
        """
        with self._lock:
            version = self._lake.version()
            if known_digest is not None and self._seen == (version.costs, known_digest):
                return None
            frame = self._frame(self._lake.at(version))
            digest = series_digest(frame, *self._definition)
            self._seen = (version.costs, digest)
        return None if digest == known_digest else DemandDelivery(frame, digest, self._unit)

    def check(self) -> Sequence[Check]:
        try:
            frame = self._frame(self._lake.at(self._lake.version()))
        except FinopsError as error:
            return [Check("bills in the lake", passed=False, detail=str(error))]
        newest = f"the latest day is {frame[DAY][-1]}" if frame.height else "no row states the quantity yet"
        return [Check("bills in the lake", passed=True, detail=f"{count_text(frame[DAY].n_unique(), 'day')}, {newest}")]

    def _frame(self, view: LakeView) -> pl.DataFrame:
        """``day``, ``value``, one String column a name of ``group_by`` (blank where the row has none)."""
        column, unit_of = self._options.column, _UNIT_OF.get(self._options.column)
        rows = view.costs_by_day()
        groups = {name: self._aliases.get(name, name) for name in self._options.group_by}
        needed = {column, *groups.values(), *([unit_of] if unit_of else [])}
        needed |= self._condition.required_columns if self._condition else set()
        missing = needed - set(rows.collect_schema().names())
        types = {name: pl.Decimal(38, SCALE) if name == column else pl.String() for name in missing}
        rows = rows.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in types.items())
        if self._condition is not None:
            rows = rows.filter(self._condition.expression())
        unit = pl.col(unit_of) if unit_of else pl.lit(None, pl.String)
        summed = (
            rows.filter(pl.col(column).is_not_null())
            .group_by(DAY, *(pl.col(of).fill_null("").alias(name) for name, of in groups.items()), unit.alias("\0unit"))
            .agg(pl.col(column).sum().alias(VALUE))
            .collect(engine="streaming")
        )
        self._check_units(sorted({unit or "no unit" for unit in summed["\0unit"]}), unit_of)
        return summed.select(DAY, VALUE, *self._options.group_by).sort(DAY, *self._options.group_by)

    def _check_units(self, units: Sequence[str], unit_of: str | None) -> None:
        if unit_of and len(units) > 1:
            raise RefusedBatch(
                f"{self._options.column} has several units, which cannot be summed: {', '.join(units)}",
                where=f"demand {self.name}",
                remedy=f"Choose one in the scope: {unit_of} = '{units[0]}'",
            )


def _condition(options: CostsDemandOptions, columns: Columns) -> Condition | None:
    return parse(options.scope, columns) if options.scope is not None else None
