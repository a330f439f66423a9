"""Commitment discounts and capacity reservations: which one, of what kind, and how much of it."""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import COST, Cur
from finops.collect.aws.cur.line_items import LineItem

_NORMALISED = (
    "line_item_normalized_usage_amount",
    "reservation_total_reserved_normalized_units",
    "reservation_unused_normalized_unit_quantity",
)
"""Columns that a report needs for all rows of a size-flexible reservation to have one unit."""

_HOURS = ("line_item_usage_amount", "reservation_total_reserved_units", "reservation_unused_quantity")


def commitment_columns(cur: Cur, line: LineItem) -> dict[str, pl.Expr]:
    """Commitment and capacity reservations. A purchase has no status; what was not used is a row of its own."""
    plan, reservation = line.is_of_plan(), line.is_of_reservation()
    capacity = cur.text("capacity_reservation_capacity_reservation_a_r_n")
    is_idle = cur.text("line_item_usage_type").str.contains("Unused", literal=True)
    name = pl.when(plan).then(line.savings_plan).when(reservation).then(line.reservation)
    quantity = pl.when(name.is_not_null()).then(pl.when(plan).then(_money(cur, line)).otherwise(_units(cur, line)))
    return {
        "CommitmentDiscountId": name,
        "CommitmentDiscountCategory": pl.when(plan).then(pl.lit("Spend")).when(reservation).then(pl.lit("Usage")),
        "CommitmentDiscountType": pl.when(plan)
        .then(pl.lit("Savings Plan"))
        .when(reservation)
        .then(pl.lit("Reserved Instance")),
        "CommitmentDiscountStatus": pl.when(line.is_covered).then(pl.lit("Used")),
        "CommitmentDiscountQuantity": quantity,
        "CommitmentDiscountUnit": pl.when(quantity.is_not_null() & plan)
        .then(cur.text("line_item_currency_code"))
        .when(quantity.is_not_null() & reservation)
        .then(_unit(cur)),
        "x_CommitmentPeriodStart": _term(cur, line, "start_time"),
        "x_CommitmentPeriodEnd": _term(cur, line, "end_time"),
        "CapacityReservationId": capacity,
        "CapacityReservationStatus": pl.when(capacity.is_not_null() & is_idle)
        .then(pl.lit("Unused"))
        .when(capacity.is_not_null())
        .then(pl.lit("Used")),
    }


def _term(cur: Cur, line: LineItem, moment: str) -> pl.Expr:
    """When the agreement begins or ends, as AWS writes it: fees say it, covered usage of some reports does, too.

    https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2-savings-plan.html, …-reservation.html
    """
    return (
        pl.when(line.is_of_plan())
        .then(cur.text(f"savings_plan_{moment}"))
        .when(line.is_of_reservation())
        .then(cur.text(f"reservation_{moment}"))
    )


def unused_quantity(cur: Cur) -> pl.Expr:
    """What of the commitment of a recurring fee was not used, in CommitmentDiscountUnit; null where it is not said."""
    plan = cur.exact("savings_plan_total_commitment_to_date") - cur.exact("savings_plan_used_commitment")
    is_plan = cur.text("line_item_line_item_type") == "SavingsPlanRecurringFee"
    return pl.when(is_plan).then(plan).otherwise(_of_size(cur, 2))


def _money(cur: Cur, line: LineItem) -> pl.Expr:
    """A savings plan is an amount of spend at its own rates, before discounts: committed by fees, used by usage."""
    return (
        pl.when(line.is_covered)
        .then(cur.exact("savings_plan_savings_plan_effective_cost"))
        .when(line.type == "SavingsPlanRecurringFee")
        .then(pl.coalesce(cur.exact("savings_plan_total_commitment_to_date"), cur.exact(COST)))
        .otherwise(cur.exact(COST))
    )


def _units(cur: Cur, line: LineItem) -> pl.Expr:
    """A reservation is hours, of a size that AWS normalises where one reservation covers several sizes."""
    return (
        pl.when(line.is_covered)
        .then(_of_size(cur, 0))
        .when(line.is_reservation_refund)
        .then(-_of_size(cur, 1).abs())
        .otherwise(_of_size(cur, 1))
    )


def _of_size(cur: Cur, place: int) -> pl.Expr:
    hours = cur.exact(_HOURS[place])
    return pl.when(_is_normalised(cur)).then(cur.exact(_NORMALISED[place])).otherwise(hours)


def _is_normalised(cur: Cur) -> pl.Expr:
    if not all(cur.has(name) for name in _NORMALISED):
        return pl.lit(value=False)
    used, reserved, _ = (cur.exact(name).fill_null(0) for name in _NORMALISED)
    return (used != 0) | (reserved != 0)


def _unit(cur: Cur) -> pl.Expr:
    hours = pl.coalesce(cur.text("pricing_unit"), pl.lit("Hrs"))
    return pl.when(_is_normalised(cur)).then(pl.lit("Normalized Hrs")).otherwise(hours)
