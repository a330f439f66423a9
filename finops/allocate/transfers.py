"""What the rules move, over the tables of one data version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from finops.allocate.rules import Rule, Rules
from finops.allocate.shares import (
    STAYS,
    DayShares,
    Driver,
    day_shares,
    fixed_weights,
    weights_of_series,
    weights_of_spend,
)
from finops.allocate.split import divided
from finops.model.allocation import BySpend, ByWeights
from finops.model.scopes import scope_ids
from finops.ports.allocated import GAPS, SHARES, TRANSFERS, Allocated, nothing_allocated
from finops.ports.lake import COSTS, LakeView

_CELL = ("source", "billing_period", "scope_id", "day", "currency")


def allocate(rules: Rules, view: LakeView) -> Allocated:
    """Applies the rules in order to the daily costs of ``view``; each sees what those before it moved.

    Raises what reading the lake raises.
    """
    if not rules.rules:
        return nothing_allocated()
    run = _Run(rules, view)
    for place, rule in enumerate(rules.rules):
        run.apply(rule, rules.rules[:place])
    order = [name for name in TRANSFERS if name not in {*COSTS, "rows"}]
    return Allocated(
        pl.concat([pl.DataFrame(schema=TRANSFERS), *run.moved]).sort(order, nulls_last=True),
        run.added.sort("scope_id"),
        pl.concat([pl.DataFrame(schema=GAPS), *run.gaps]),
        pl.concat([pl.DataFrame(schema=SHARES), *run.shares]),
        run.doubts,
    )


class _Run:
    """What was moved so far."""

    def __init__(self, rules: Rules, view: LakeView) -> None:
        self._rules = rules
        self._view = view
        self._known = view.scopes().collect()
        self._labels = tuple(name for name in self._known.columns if name != "scope_id")
        self.added = self._known.clear()
        self.moved: list[pl.DataFrame] = []
        self.gaps: list[pl.DataFrame] = []
        self.shares: list[pl.DataFrame] = []
        self.doubts: dict[str, str] = {}

    @property
    def _scopes(self) -> pl.DataFrame:
        return pl.concat([self._known, self.added])

    def apply(self, rule: Rule, before: Sequence[Rule]) -> None:
        name, to = rule.allocation.name, rule.allocation.to
        matched = _matching(self._scopes, rule)
        if fault := self._fault(matched):
            self.doubts[name] = fault
        cells = self._cells(matched)
        if cells.is_empty():
            return
        days = cells["day"].unique().sort().to_list()
        shares = day_shares(self._driver(rule, days), rule, before, days)
        self.gaps.append(_gaps(name, cells, shares))
        self.shares.append(shares.frame.select(pl.lit(name).alias("allocation"), "day", "value", "weight", "total"))
        parts = divided(cells.with_row_index("cell"), shares.frame)
        if STAYS in shares.frame["value"]:
            kept = parts.filter(pl.col("value") == STAYS)
            reasons = _reasons(shares.unknown)
            self.gaps.append(_gap_rows(name, kept.join(reasons, on="day")))
            parts = parts.filter(pl.col("value") != STAYS)
        if parts.is_empty():
            return
        origins = matched.select("scope_id", pl.col(to).alias("from"))
        parts = parts.join(origins, on="scope_id")
        taken = parts.group_by(*_CELL, "from").agg((-pl.col(cost).sum()).alias(cost) for cost in COSTS)
        given = self._renamed(parts, to)
        for rows in (taken.with_columns(to=pl.lit(None, pl.String)), given.rename({"value": "to"})):
            whole = rows.with_columns(rows=pl.lit(0, pl.Int64), allocation=pl.lit(name))
            self.moved.append(whole.select(TRANSFERS.names()).cast(dict(TRANSFERS)))  # type: ignore[arg-type] # the stub wants selectors

    def _cells(self, scopes: pl.DataFrame) -> pl.DataFrame:
        """The cells of ``scopes`` as they are now, none of which is all zero."""
        ids = scopes["scope_id"].implode()
        direct = self._view.costs_daily().filter(pl.col("scope_id").is_in(ids)).select(*_CELL, *COSTS)
        moved = [part.lazy().filter(pl.col("scope_id").is_in(ids)).select(*_CELL, *COSTS) for part in self.moved]
        found = pl.concat([direct, *moved]).group_by(_CELL).agg(pl.col(COSTS).sum())
        return found.filter(pl.any_horizontal(pl.col(COSTS) != 0)).sort(_CELL).collect(engine="streaming")

    def _driver(self, rule: Rule, days: Sequence[date]) -> Driver:
        by = rule.allocation.by
        if isinstance(by, ByWeights):
            return fixed_weights(by, days)
        if isinstance(by, BySpend):
            named = self._followed(rule)
            if fault := self._fault(named):
                return Driver({}, lambda _day: f"the spend to follow is unknown: {fault}")
            return weights_of_spend(self._spent(named), self._rules.rates, self._rules.currency)
        fault = self._view.faults.of_demand(by.series)
        rows = self._view.demand().filter(pl.col("name") == by.series)
        return weights_of_series(by, rows.collect() if not fault else pl.DataFrame(), fault)

    def _fault(self, scopes: pl.DataFrame) -> str:
        """Why not all costs of ``scopes`` are there; empty where they are."""
        sources = set(scopes["source"]) if self._view.faults.sources else set()
        return "; ".join(f"{name}: {why}" for name, why in self._view.faults.sources.items() if name in sources)

    def _followed(self, rule: Rule) -> pl.DataFrame:
        to = rule.allocation.to
        scopes = self._scopes
        if rule.of_spend is not None:
            scopes = scopes.filter(rule.of_spend.expression())
        return scopes.filter(pl.col(to).is_not_null() & (pl.col(to) != "")).with_columns(value=pl.col(to))

    def _spent(self, named: pl.DataFrame) -> pl.DataFrame:
        cells = self._cells(named)
        named = named.select("scope_id", "value")
        keys = ("day", "currency", "value")
        return cells.join(named, on="scope_id").group_by(keys).agg(pl.col("EffectiveCost").sum()).sort(keys)

    def _renamed(self, parts: pl.DataFrame, to: str) -> pl.DataFrame:
        """``parts`` in the scopes that they arrive in; those that are new become known."""
        pairs = parts.select("scope_id", "value").unique().sort("scope_id", "value")
        named = pairs.join(self._scopes, on="scope_id", maintain_order="left")
        labelled = named.with_columns(pl.col("value").alias(to))
        ids = scope_ids(labelled, self._labels)
        arriving = labelled.with_columns(ids.alias("arrives in"))
        new = arriving.drop("scope_id", "value").rename({"arrives in": "scope_id"}).unique("scope_id")
        new = new.join(self._scopes, on="scope_id", how="anti").select(self._known.columns)
        self.added = pl.concat([self.added, new])
        places = arriving.select("scope_id", "value", "arrives in")
        return parts.join(places, on=["scope_id", "value"]).drop("scope_id").rename({"arrives in": "scope_id"})


def _matching(scopes: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    return scopes if rule.condition is None else scopes.filter(rule.condition.expression())


def _gaps(name: str, cells: pl.DataFrame, shares: DayShares) -> pl.DataFrame:
    """What of ``cells`` is of days that have no share at all."""
    without = cells.join(shares.frame.select("day").unique(), on="day", how="anti")
    return _gap_rows(name, without.join(_reasons(shares.unknown), on="day"))


def _gap_rows(name: str, cells: pl.DataFrame) -> pl.DataFrame:
    keys = ("day", "currency", "reason")
    found = cells.group_by(keys).agg(pl.col("EffectiveCost").sum()).sort(keys)
    return found.with_columns(allocation=pl.lit(name)).select(GAPS.names()).cast(dict(GAPS))  # type: ignore[arg-type] # the stub wants selectors


def _reasons(unknown: Mapping[date, str]) -> pl.DataFrame:
    return pl.DataFrame(list(unknown.items()), schema={"day": pl.Date, "reason": pl.String}, orient="row")
