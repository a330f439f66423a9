"""An estimated change and what it does to budgets, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from rich.table import Table
from rich.text import Text

from finops.app.policies.estimate import Estimate, EstimatedResource
from finops.app.policies.estimate_effect import BudgetEffect, Effects, months_after
from finops.model.finding import group_label
from finops.model.money import Money, format_amount
from finops.model.rates import Rates
from finops.model.untrusted import one_line
from finops.model.wording import amount_text, count_text, share_text

_SHOWN = 5


def summary(estimate: Estimate, effects: Effects, rates: Rates, today: date) -> Iterator[str]:
    """What is estimated, and how it was converted."""
    total, resources = Money(estimate.total, estimate.currency), count_text(len(estimate.resources), "resource")
    yield f"estimated change: {_signed(total)} a month, at list prices, for {resources}"
    if estimate.unpriced:
        yield f"not in it: {count_text(estimate.unpriced, 'resource')} whose price depends on usage"
    for name in estimate.whole:
        yield f"the estimate of {one_line(name)} has no earlier state: all of it counts as new"
    currencies = {one.monthly.currency for one in effects.budgets if one.monthly is not None} - {estimate.currency}
    for currency in sorted(currencies):
        factor = rates.factor(today, estimate.currency, currency).normalize()
        yield f"converted at 1 {estimate.currency} = {factor:f} {currency} ({today})"
    through = {one.finding.complete_through for one in effects.budgets if one.finding is not None} - {None}
    if through:
        yield f"budgets on bills complete through {min(day for day in through if day is not None)}"


def effects_table(effects: Effects) -> Table:
    """A row for each budget and group that the change surely concerns."""
    table = Table("Policy", "Group", "Period", "A month", "Until its end", "Remaining", "Forecast", pad_edge=False)
    for one in effects.budgets:
        if one.monthly is not None and one.until_end is not None:
            table.add_row(*map(Text, _cells(one, one.monthly, one.until_end)))
    return table


def notes(effects: Effects) -> Iterator[str]:
    """What cannot be said, and whom the change does not concern."""
    for one in effects.budgets:
        name = " ".join(filter(None, (one.policy, group_label(one.group))))
        if one.unknown:
            yield one_line(f"{name}: not known: {one.unknown}")
        elif one.finding is not None and one.before("remaining") is None:
            yield one_line(f"{name}: the remainder is not known: {one.finding.reason}")
        elif one.possible is not None:
            told = ", ".join(one.untold)
            yield one_line(
                f"{name}: another {_signed(one.possible)} a month may fall into it: the estimate does not tell {told}. "
                f"Add --with {one.untold[0]}=VALUE"
            )
    if effects.others:
        yield f"{count_text(effects.others, 'other budget')} not concerned"
    if effects.without:
        yield f"in no budget: {_names(effects.without)}"


def _cells(one: BudgetEffect, monthly: Money, until_end: Money) -> Iterator[str]:
    yield one_line(one.policy)
    yield one_line(group_label(one.group))
    finding = one.finding
    yield (
        f"{finding.period.start} to {finding.period.end - timedelta(days=1)}" if finding is not None else "no costs yet"
    )
    yield f"{_signed(monthly)}{_share_of_budget(one, monthly)}"
    yield _signed(until_end)
    yield _change(one, "remaining")
    yield _change(one, "forecast")


def _share_of_budget(one: BudgetEffect, monthly: Money) -> str:
    """Of what the budget allows in a month."""
    limit = one.before("limit")
    if limit is None or one.finding is None or not limit.amount:
        return ""
    period = one.finding.period
    months = months_after(period.start - timedelta(days=1), period)
    return f" ({share_text(monthly.amount * months.numerator / months.denominator / limit.amount)} of the budget)"


def _change(one: BudgetEffect, name: str) -> str:
    """``1,000.00 → 900.00 EUR``; of a forecast also as a share of the budget."""
    before, after = one.before(name), one.after(name)
    if before is None or after is None:
        return "not known"
    said = f"{format_amount(before.amount, before.currency)} → {amount_text(after.amount, after.currency)}"
    limit = one.before("forecast_limit") or one.before("limit")
    if name != "forecast" or limit is None or not limit.amount:
        return said
    shares = [share_text(money.amount / limit.amount) for money in (before, after)]
    return f"{said} ({' → '.join(shares)})"


def _signed(money: Money) -> str:
    return f"{format_amount(money.amount, money.currency, plus=True)} {money.currency}"


def _names(resources: Sequence[EstimatedResource]) -> str:
    shown = ", ".join(one_line(one.name) for one in resources[:_SHOWN])
    return shown if len(resources) <= _SHOWN else f"{shown} and {len(resources) - _SHOWN} more"
