"""Synthetic AWS bills: whole lives of savings plans and reservations, to their last hour or their refund."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.unit.collect.aws.cur_rows import row

ACCOUNT = "000123456789"
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Commitment:
    """``upfront``, ``recurring``: of one hour, in dollars before discounts. ``used``: share of each hour's commitment.

    ``hours``: that were bought; after the last of ``used`` it is given back, as much as was paid for the rest.
    ``discount``: what is left of a price after a private discount, None where the bill has no net columns.
    """

    number: int
    upfront: Decimal
    recurring: Decimal
    hours: int
    used: tuple[Decimal, ...]
    discount: Decimal | None
    names_itself: bool

    @property
    def hourly(self) -> Decimal:
        return self.upfront + self.recurring

    def net(self, **amounts: Decimal) -> dict[str, float | None]:
        """Columns of a gross amount and its net one, given by the latter's name and the former's value."""
        return {
            name: None if self.discount is None else float(value * self.discount) for name, value in amounts.items()
        }

    def cost(self, amount: Decimal) -> dict[str, float | None]:
        return {"line_item_unblended_cost": float(amount), **self.net(line_item_net_unblended_cost=amount)}


class Plan(Commitment):
    """A savings plan."""

    @property
    def arn(self) -> str:
        return f"arn:aws:savingsplans::{ACCOUNT}:savingsplan/{self.number:08x}-aaaa-bbbb-cccc-000000000000"

    def lines(self) -> list[dict[str, Any]]:
        found = [self._line("SavingsPlanUpfrontFee", **self.cost(self.upfront * self.hours))] if self.upfront else []
        for share in self.used:
            found += self._hour(share)
        if left := self.hours - len(self.used):
            found.append(self._refund(self.upfront * left))
        return found

    def _hour(self, share: Decimal) -> list[dict[str, Any]]:
        used = self.hourly * share
        on_demand = used * 2
        fee = self._line(
            "SavingsPlanRecurringFee",
            **self.cost(self.recurring),
            savings_plan_total_commitment_to_date=float(self.hourly),
            savings_plan_used_commitment=float(used),
            savings_plan_recurring_commitment_for_billing_period=float(self.recurring),
            savings_plan_amortized_upfront_commitment_for_billing_period=float(self.upfront),
            **self.net(
                savings_plan_net_recurring_commitment_for_billing_period=self.recurring,
                savings_plan_net_amortized_upfront_commitment_for_billing_period=self.upfront,
            ),
        )
        usage = self._line(
            "SavingsPlanCoveredUsage",
            **self.cost(on_demand),
            pricing_public_on_demand_cost=float(on_demand),
            savings_plan_savings_plan_effective_cost=float(used),
            **self.net(savings_plan_net_savings_plan_effective_cost=used),
        )
        return [fee, usage, self._line("SavingsPlanNegation", **self.cost(-on_demand))]

    def _refund(self, amount: Decimal) -> dict[str, Any]:
        arn, number = (self.arn, "") if self.names_itself else ("", self.arn.rpartition("/")[2])
        return row(
            line_item_line_item_type="Refund",
            line_item_product_code="ComputeSavingsPlans",
            line_item_usage_account_id=ACCOUNT,
            line_item_line_item_description=f"Refund for one-time fee for Savings Plan ID: {number}",
            savings_plan_savings_plan_a_r_n=arn,
            **self.cost(-amount),
        )

    def _line(self, kind: str, **values: Any) -> dict[str, Any]:
        return row(line_item_line_item_type=kind, savings_plan_savings_plan_a_r_n=self.arn, **values)


class Reservation(Commitment):
    """A reservation of one instance; AWS bills its recurring fee once a month, here once for all hours."""

    @property
    def arn(self) -> str:
        return f"arn:aws:ec2:eu-central-1:{ACCOUNT}:reserved-instances/{self.number:08x}"

    def lines(self) -> list[dict[str, Any]]:
        found = [self._line("Fee", **self.cost(self.upfront * self.hours))] if self.upfront else []
        found += [self._used(share) for share in self.used if share]
        idle = sum((_ONE - share for share in self.used), Decimal(0))
        found.append(
            self._line(
                "RIFee",
                **self.cost(self.recurring * len(self.used)),
                reservation_unused_amortized_upfront_fee_for_billing_period=float(self.upfront * idle),
                reservation_unused_recurring_fee=float(self.recurring * idle),
                **self.net(
                    reservation_net_unused_amortized_upfront_fee_for_billing_period=self.upfront * idle,
                    reservation_net_unused_recurring_fee=self.recurring * idle,
                ),
            )
        )
        if left := self.hours - len(self.used):
            found.append(self._line("Refund", **self.cost(-self.upfront * left)))
        return found

    def _used(self, share: Decimal) -> dict[str, Any]:
        return self._line(
            "DiscountedUsage",
            line_item_usage_amount=float(share),
            line_item_unblended_cost=0.0,
            pricing_public_on_demand_cost=float(self.hourly * share * 2),
            reservation_effective_cost=float(self.hourly * share),
            **self.net(reservation_net_effective_cost=self.hourly * share),
        )

    def _line(self, kind: str, **values: Any) -> dict[str, Any]:
        return row(line_item_line_item_type=kind, reservation_reservation_a_r_n=self.arn, **values)


def bills(*, size: int) -> st.SearchStrategy[list[Plan | Reservation]]:
    """Lists of ``size`` commitments: all, partly and not paid upfront; used up, idle, given back."""
    money = st.decimals("0.01", 50, places=3)
    nothing = st.just(Decimal(0))
    paid = st.tuples(money, nothing) | st.tuples(money, money) | st.tuples(nothing, money)
    shares = st.lists(st.decimals(0, 1, places=2), max_size=4).map(tuple)
    life = st.tuples(st.sampled_from([Plan, Reservation]), paid, shares, st.integers(0, 3), st.booleans())
    # a discount is the account's: all of its bill has net columns, or none
    discount = st.none() | st.decimals("0.5", "0.99", places=2)
    return st.builds(
        lambda lives, discount: [
            kind(
                number=number,
                upfront=upfront,
                recurring=recurring,
                hours=len(used) + rest,
                used=used,
                discount=discount,
                names_itself=names_itself,
            )
            for number, (kind, (upfront, recurring), used, rest, names_itself) in enumerate(lives)
        ],
        st.lists(life, min_size=size, max_size=size),
        discount,
    )
