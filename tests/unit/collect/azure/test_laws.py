"""Laws over whole lives of Azure's savings plans and reservations, kept and given back, and over ordinary usage.

``FINOPS_COMMITMENTS=2000 pytest tests/unit/collect/azure/test_laws.py`` looks at as many synthetic commitments.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.collect.azure.native import View, as_focus
from finops.collect.azure.query.join import by_key, joined
from finops.collect.azure.repairs import repaired
from finops.focus.conform import conform
from finops.ports.source import Part
from tests.unit.collect.azure.focus_rows import line
from tests.unit.collect.azure.native_rows import EA, MCA, native

SIZE = 20
BILLS = max(1, int(os.environ.get("FINOPS_COMMITMENTS", "100")) // SIZE)
FIRST = date(2026, 3, 1)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Commitment:
    """``daily``: cents that a day costs. ``used``: cents of each day that were used. ``days``: that were paid for;
    after the last of ``used`` the rest is given back. ``payments``: into which what was paid is divided."""

    number: int
    is_plan: bool
    daily: int
    days: int
    used: tuple[int, ...]
    payments: int

    @property
    def id(self) -> str:
        kind = "BillingBenefits/savingsPlanOrders" if self.is_plan else "Capacity/reservationOrders"
        return f"/providers/Microsoft.{kind}/{self.number}"

    def purchases(self) -> list[tuple[date, str, Decimal]]:
        """Day, ChargeType, amount: what was paid, and what was given back."""
        cents = self.daily * self.days
        parts = [cents // self.payments] * self.payments
        parts[0] += cents - sum(parts)
        paid = [(FIRST + place * timedelta(days=1), "Purchase", part * CENT) for place, part in enumerate(parts)]
        left = (self.days - len(self.used)) * self.daily
        end = FIRST + len(self.used) * timedelta(days=1)
        return [*paid, *([(end, "Refund", -left * CENT)] if left else [])]

    def uses(self) -> list[tuple[date, str, Decimal]]:
        """Day, ChargeType, amount: what was used of each day, and what was not."""
        unused = "UnusedSavingsPlan" if self.is_plan else "UnusedReservation"
        return [
            (FIRST + place * timedelta(days=1), kind, amount * CENT)
            for place, used in enumerate(self.used)
            for kind, amount in (("Usage", used), (unused, self.daily - used))
            if amount
        ]


@st.composite
def commitments(draw: st.DrawFn, number: int) -> Commitment:
    daily = draw(st.integers(1, 100_000))
    days = draw(st.integers(1, 25))
    kept = draw(st.integers(0, days))
    used = draw(st.lists(st.integers(0, daily), min_size=kept, max_size=kept))
    return Commitment(number, draw(st.booleans()), daily, days, tuple(used), draw(st.integers(1, 3)))


bills = st.tuples(*(commitments(number) for number in range(SIZE)))


def conformed(frame: pl.LazyFrame) -> pl.DataFrame:
    part = conform(Part("bill.csv", lambda: frame, dict))
    rows = part.rows.collect()
    part.verify()
    return rows


def own_rows(
    of: Commitment, charges: list[tuple[date, str, Decimal]], agreement: tuple[str, ...], *, nothing: bool = False
) -> list[dict[str, str]]:
    model = "SavingsPlan" if of.is_plan else "Reservation"
    # both files of a customer agreement call the columns by names of their own
    named = {"benefitId": of.id, "PricingModel": model}
    return [
        native(
            "0" if nothing else str(amount), agreement, ChargeType=kind, Date=f"{day:%m/%d/%Y}", **named,
            Frequency="UsageBased" if of.is_plan else "OneTime",
        )
        for day, kind, amount in charges
    ]  # fmt: skip


def from_details(bill: tuple[Commitment, ...], agreement: tuple[str, ...]) -> pl.DataFrame:
    """The amortised file holds purchases of savings plans by mistake."""
    actual = [row for one in bill for row in own_rows(one, one.purchases(), agreement)]
    actual += [row for one in bill for row in own_rows(one, one.uses(), agreement, nothing=True)]
    amortised = [row for one in bill for row in own_rows(one, one.uses(), agreement)]
    amortised += [row for one in bill if one.is_plan for row in own_rows(one, one.purchases(), agreement)]
    views = ((amortised, View.AMORTISED), (actual, View.ACTUAL))
    frames = [as_focus(pl.LazyFrame(rows), "bill.csv", view) for rows, view in views if rows]
    return conformed(pl.concat(frames, how="diagonal"))


def from_export(bill: tuple[Commitment, ...]) -> pl.DataFrame:
    """The purchase of a savings plan carries its price as EffectiveCost, too."""
    rows: list[dict[str, Any]] = []
    for one in bill:
        for day, kind, amount in [*one.purchases(), *one.uses()]:
            bought = kind in {"Purchase", "Refund"}
            costs: dict[str, Any] = {"BilledCost": amount if bought else Decimal(0), "EffectiveCost": amount}
            if bought and not one.is_plan:
                costs["EffectiveCost"] = Decimal(0)
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            rows.append(
                line(
                    "0", **costs, ChargePeriodStart=start, ChargePeriodEnd=start + timedelta(days=1),
                    ChargeCategory="Purchase" if bought else "Usage", CommitmentDiscountId=one.id,
                    CommitmentDiscountStatus=None if bought else "Unused" if kind.startswith("Unused") else "Used",
                )
            )  # fmt: skip
    return conformed(repaired(pl.LazyFrame(rows, infer_schema_length=None))[0])


def from_query(bill: tuple[Commitment, ...]) -> pl.DataFrame:
    def answer(one: Commitment, charges: list[tuple[date, str, Decimal]]) -> list[dict[str, Any]]:
        model = "SavingsPlan" if one.is_plan else "Reservation"
        return [
            {
                "usagedate": int(f"{day:%Y%m%d}"), "currency": "EUR", "cost": amount, "chargetype": kind,
                "pricingmodel": model, "benefitid": one.id,
            }
            for day, kind, amount in charges
        ]  # fmt: skip

    actual = [row for one in bill for row in answer(one, one.purchases())]
    amortised = [row for one in bill for row in answer(one, [*one.uses(), *(one.purchases() if one.is_plan else [])])]
    scope = "/subscriptions/s"
    return conformed(joined(by_key(actual, scope), by_key(amortised, scope), scope, FIRST).lazy())


@pytest.mark.parametrize(
    "read",
    [lambda bill: from_details(bill, EA), lambda bill: from_details(bill, MCA), from_export, from_query],
    ids=["enterprise agreement", "customer agreement", "focus", "query"],
)
@settings(max_examples=BILLS)
@given(bills)
def test_what_was_used_and_not_used_costs_what_was_billed(read: Any, bill: tuple[Commitment, ...]) -> None:
    rows = read(bill)
    lives = rows.group_by("CommitmentDiscountId").agg(pl.col("BilledCost", "EffectiveCost").sum())
    assert lives.filter(pl.col("BilledCost") != pl.col("EffectiveCost")).is_empty()
    assert {one.id for one in bill} == set(lives["CommitmentDiscountId"])
    billed = {row["CommitmentDiscountId"]: row["BilledCost"] for row in lives.to_dicts()}
    assert billed == {one.id: len(one.used) * one.daily * CENT for one in bill}
    assert rows.filter((pl.col("ChargeCategory") == "Purchase") & (pl.col("EffectiveCost") != 0)).is_empty()
    assert rows.filter((pl.col("ChargeCategory") == "Usage") & (pl.col("BilledCost") != 0)).is_empty()


@dataclass(frozen=True, slots=True)
class Use:
    """``blocks`` of ``block`` units, at thousandths of a currency's unit a block; ``off``: percent of a discount."""

    block: int
    blocks: Decimal
    listed: int
    negotiated_off: int
    committed_off: int
    counts_blocks: bool


uses = st.builds(
    Use,
    block=st.sampled_from([1, 10, 100, 1_000, 10_000, 1_000_000]),
    blocks=st.decimals("0.0001", "10000", places=4),
    listed=st.integers(1, 10_000),
    negotiated_off=st.integers(0, 25),
    committed_off=st.integers(0, 60),
    counts_blocks=st.booleans(),
)


@settings(max_examples=BILLS * 4)
@given(st.lists(uses, min_size=1, max_size=SIZE))
def test_costs_follow_from_prices_and_quantities_and_fall_with_each_discount(usage: list[Use]) -> None:
    given_rows = []
    for one in usage:
        price = Decimal(one.listed) / 1000 * (100 - one.negotiated_off) / 100
        cost = price * one.blocks * (100 - one.committed_off) / 100
        reserved = {"PricingModel": "Reservation", "benefitId": "/providers/Microsoft.Capacity/r"}
        given_rows.append(
            native(
                f"{cost:f}", UnitOfMeasure=f"{one.block} Hours", UnitPrice=f"{price:f}",
                PayGPrice=f"{Decimal(one.listed) / 1000:f}",
                Quantity=f"{one.blocks if one.counts_blocks else one.blocks * one.block:f}",
                **(reserved if one.committed_off else {}),
            )
        )  # fmt: skip
    rows = conformed(as_focus(pl.LazyFrame(given_rows), "bill.csv", View.AMORTISED))
    assert rows["PricingQuantity"].to_list() == [one.blocks for one in usage]
    assert rows["ConsumedQuantity"].to_list() == [one.blocks * one.block for one in usage]
    for kind in ("Contracted", "List"):
        assert (rows[f"{kind}UnitPrice"] * rows["PricingQuantity"] == rows[f"{kind}Cost"]).all()
    assert ((rows["ListCost"] >= rows["ContractedCost"]) & (rows["ContractedCost"] >= rows["EffectiveCost"])).all()
