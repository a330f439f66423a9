"""What was allocated to a group, what its share was, and what nobody knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import polars as pl

from finops.evaluate.cases.case import Case
from finops.model.money import EXACT
from finops.model.period import Period
from finops.model.wording import NO_VALUE, amount_text, exact_text
from finops.ports.allocated import Allocated
from finops.ports.lake import LakeView


def unknown_shares(moved: Allocated, window: Period | None, last: date, *, amounts: bool = False) -> str:
    """Half a sentence: what stayed where it was on days of ``window`` up to ``last``, and why, and whose costs
    nobody knows; empty where nothing did.
    ``amounts``: how much, which is the cost of those who share it out.

    Before the first day that a rule could divide it was not in force yet: such days are no gap, unless there is no
    later one.
    """
    if window is None:
        return ""
    doubts = [f"allocation {name}: {why}" for name, why in moved.doubts.items()]
    if moved.gaps.is_empty():
        return "; ".join(doubts)
    begins = moved.shares.group_by("allocation").agg(pl.col("day").min().alias("begins"))
    gaps = (
        moved.gaps.join(begins, on="allocation", how="left")
        .filter(pl.col("day").is_between(window.start, window.end, closed="left"), pl.col("day") <= last)
        .filter(pl.col("begins").is_null() | (pl.col("day") >= pl.col("begins")))
    )
    of_rules = gaps.group_by(["allocation"], maintain_order=True)
    return "; ".join((*doubts, *(_said(name, own, amounts=amounts) for (name,), own in of_rules)))


def _said(name: object, gaps: pl.DataFrame, *, amounts: bool) -> str:
    newest = gaps.sort("day").row(-1, named=True)
    days = gaps["day"].n_unique()
    more = f", and for {days - 1} more days" if days > 1 else ""
    sums = gaps.group_by("currency").agg(pl.col("EffectiveCost").sum()).sort("currency")
    left = (
        " and ".join(amount_text(amount, currency) for currency, amount in sums.iter_rows()) if amounts else "its cost"
    )
    return f"allocation {name}: {newest['reason']}{more}; {left} stayed where it was"


def moved_lines(case: Case, view: LakeView, period: Period) -> Iterator[str]:
    """For an audit: what each rule moved into the group and out of it on the days of ``period``, from where, and with
    which share."""
    moved = view.moved()
    envelope = case.rule.envelope
    if moved.transfers.is_empty():
        return
    scopes = view.scopes()
    if envelope.condition is not None:
        scopes = scopes.filter(envelope.condition.expression())
    for column, value in case.data.group.items():
        scopes = scopes.filter(pl.col(column).fill_null("") == value)
    own = moved.transfers.lazy().join(scopes.select("scope_id"), on="scope_id", how="semi")
    in_period = pl.col("day").is_between(period.start, period.end, closed="left")
    named = moved.shares.lazy().rename({"value": "to"})
    found = (
        own.filter(in_period)
        .group_by("allocation", "from", "to", "currency", "day")
        .agg(pl.col("EffectiveCost").sum())
        .join(named, on=["allocation", "day", "to"], how="left")
        .sort("allocation", "from", "to", "currency", "day", nulls_last=True)
        .collect()
    )
    keys = ["allocation", "from", "to", "currency"]
    for (name, origin, to, currency), rows in found.group_by(keys, maintain_order=True):
        amount = exact_text(Decimal(str(rows["EffectiveCost"].sum())), str(currency))
        if to is None:
            yield f"allocated by {name} to others: {amount} of {origin or NO_VALUE}"
        else:
            yield f"allocated by {name} from {origin or NO_VALUE}: {amount}, {_share(rows)} for {to}"


def _share(rows: pl.DataFrame) -> str:
    """``share 2/5``; of shares that differ from day to day the lowest and the highest."""
    pairs = {(int(weight), int(total)) for weight, total in rows.select("weight", "total").iter_rows()}
    if len(pairs) == 1:
        ((weight, total),) = pairs
        share = Fraction(weight, total)
        return f"share {share.numerator}/{share.denominator}"
    with localcontext(EXACT):
        shares = sorted((Decimal(weight) / Decimal(total) * 100).quantize(Decimal("0.01")) for weight, total in pairs)
    return f"share {shares[0]} % to {shares[-1]} % by day"
