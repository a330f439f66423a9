"""Which commitments belong to which policy and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from finops.evaluate.judgement.group_data import Agreement, GroupData
from finops.model.money import Money
from finops.policy.envelope import Envelope
from finops.ports.lake import LakeView
from finops.ports.records import COMMITMENT_LABELS, COMMITMENTS_SCHEMA, Dataset

_STILL_USED = timedelta(days=45)
"""A commitment without a known end that no charge has named for so long has ended: bills come monthly at least."""

_OVER = ("Proposed", "Canceled", "Superseded", "Expired", "Exhausted")
"""Values of ContractCommitmentLifecycleStatus whose end is of no concern: not agreed, no longer in force, used up."""

_ALIASES: Mapping[str, str] = {
    "ContractCommitmentId": "CommitmentDiscountId",
    "ContractCommitmentDescription": "CommitmentDiscountName",
    "ContractCommitmentType": "CommitmentDiscountType",
    "ContractCommitmentCategory": "CommitmentDiscountCategory",
}
"""What a row of costs, and so a scope, calls what a commitment says of itself."""

_FACTS = (
    "ContractCommitmentCost",
    "BillingCurrency",
    "ContractCommitmentPeriodStart",
    "ContractCommitmentPeriodEnd",
    "ContractCommitmentFulfillmentInterval",
    "ContractCommitmentLifecycleStatus",
)


@dataclass(frozen=True, slots=True)
class AgreementsInScope:
    """``rows``: commitments with their labels; ``group_by``: columns of the groups."""

    rows: Sequence[Mapping[str, Any]]
    group_by: tuple[str, ...]
    today: date
    bills_begin: Mapping[str, date]

    def beside(self, data: GroupData) -> GroupData:
        """``data`` with the commitments of its group; one that does not say a group column belongs to its empty
        value."""
        own = [
            _agreement(row)
            for row in self.rows
            if all((row.get(column) or "") == data.group.get(column, "") for column in self.group_by)
            and row["ContractCommitmentLifecycleStatus"] not in _OVER
        ]
        living = sorted((one for one in own if _lives(one, self.today)), key=_by_end)
        over = [one for one in own if one.end is not None and one.end <= self.today]
        last = max(over, key=lambda one: (one.end or date.min, one.id), default=None)
        return replace(data, agreements=tuple(living), ended=last, bills_begin=self.bills_begin)


class Agreements:
    """The commitments of one data version, read when a policy first asks."""

    def __init__(self, view: LakeView) -> None:
        self._view = view

    def of(self, envelope: Envelope, today: date) -> AgreementsInScope:
        """Those that the scope does not exclude by what they say of themselves."""
        rows = self._known
        condition = envelope.condition
        kept = rows.filter(~condition.excludes(self._labels)) if condition is not None else rows
        return AgreementsInScope(kept.to_dicts(), envelope.group_by, today, self._bills_begin)

    def living(self, today: date) -> Mapping[str, Sequence[Agreement]]:
        """source -> what is in force or yet to begin, by end."""
        found: dict[str, list[Agreement]] = {}
        for row in self._known.to_dicts():
            one = _agreement(row)
            if row["ContractCommitmentLifecycleStatus"] not in _OVER and _lives(one, today):
                found.setdefault(row["source"], []).append(one)
        return {source: sorted(own, key=_by_end) for source, own in sorted(found.items())}

    @property
    def _labels(self) -> list[str]:
        return [name for name in self._known.columns if name not in (*_FACTS, "x_LastChargePeriodEnd")]

    @cached_property
    def _bills_begin(self) -> Mapping[str, date]:
        periods = self._view.costs_daily().group_by("source").agg(pl.col("billing_period").min())
        return dict(periods.collect().iter_rows())

    @cached_property
    def _known(self) -> pl.DataFrame:
        """One row a ContractCommitmentId: what Contract Commitment says, and where it says nothing what costs do."""
        rows = self._view.commitments().collect()
        dimensions = [name for name in rows.columns if name not in COMMITMENTS_SCHEMA]
        texts = [name for name in (*COMMITMENT_LABELS, *_ALIASES, *dimensions) if name != "ContractCommitmentId"]
        delivered = pl.col("dataset") == Dataset.CONTRACT_COMMITMENT.value
        ordered = rows.sort(delivered.not_(), pl.col("billing_period"), descending=[False, True], nulls_last=True)
        # bills are where scopes look for a commitment: its own source is theirs
        of_bills = pl.col("source").filter(~delivered).drop_nulls().first()
        known = (
            ordered.filter(pl.col("ContractCommitmentId").is_not_null())
            .group_by("ContractCommitmentId", maintain_order=True)
            .agg(
                pl.coalesce(of_bills, pl.col("source").first()).alias("source"),
                *(pl.col(name).drop_nulls().first() for name in (*texts, *_FACTS)),
                pl.col("x_LastChargePeriodEnd").max(),
            )
        )
        return _with_orders(known.rename(dict(_ALIASES)))


def _with_orders(known: pl.DataFrame) -> pl.DataFrame:
    """Azure buys an order and uses its reservations, whose IDs begin with the order's: they end when it does."""
    ids = known["CommitmentDiscountId"].to_list()
    orders = {one: order for one in ids if (order := _order_of(one, ids)) is not None}
    if not orders:
        return known
    of_order = pl.col("CommitmentDiscountId").replace_strict(orders, default=None, return_dtype=pl.String)
    terms = known.select(
        pl.col("CommitmentDiscountId").alias("order"),
        *(pl.col(f"ContractCommitmentPeriod{end}").alias(end) for end in ("Start", "End")),
    )
    joined = known.with_columns(order=of_order).join(terms, on="order", how="left", maintain_order="left")
    own = [
        pl.coalesce(f"ContractCommitmentPeriod{end}", end).alias(f"ContractCommitmentPeriod{end}")
        for end in ("Start", "End")
    ]
    bought = pl.col("CommitmentDiscountId").is_in(list(set(orders.values())))
    return joined.with_columns(own).filter(~bought).select(known.columns)


def _order_of(one: str, ids: Sequence[str]) -> str | None:
    known, path = set(ids), one
    while "/" in path:
        path = path.rpartition("/")[0]
        if path in known:
            return path
    return None


def _agreement(row: Mapping[str, Any]) -> Agreement:
    cost, currency = row["ContractCommitmentCost"], row["BillingCurrency"]
    kind, last = row["CommitmentDiscountType"] or "commitment", row["x_LastChargePeriodEnd"]
    end = row["ContractCommitmentPeriodEnd"]
    return Agreement(
        id=row["CommitmentDiscountId"],
        name=f"{kind} {row['CommitmentDiscountName'] or row['CommitmentDiscountId']}",
        is_spend=row["CommitmentDiscountCategory"] == "Spend",
        start=_day(row["ContractCommitmentPeriodStart"]),
        # AWS ends a term one second before midnight
        end=_day(end + timedelta(seconds=1)) if end is not None else None,
        agreed=Money(cost, currency) if cost is not None and currency else None,
        interval=row["ContractCommitmentFulfillmentInterval"] or "",
        last_charge=_day(last - timedelta(seconds=1)) if last is not None else None,
    )


def _lives(one: Agreement, today: date) -> bool:
    if one.end is not None:
        return one.end > today
    return one.last_charge is None or one.last_charge > today - _STILL_USED


def _by_end(one: Agreement) -> tuple[date, str]:
    return one.end or date.max, one.id


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None
