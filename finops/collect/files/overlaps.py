"""Files of one billing period that hold the same charges: what may be counted twice, and how much money it is.

A folder can hold a month in parts, each with charges of its own: parts have the same accounts and days, yet a charge
stands in one of them only. Exports that overlap (month to date, again and again; a bill as a whole and by account)
have the same charges, restated or not. A charge is told by what it is for, not by what it costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from finops.collect.files.opened import BillFile
from finops.errors import FinopsError
from finops.model.cell import plain_name
from finops.model.money import format_amount
from finops.model.wording import count_text
from finops.objectstore.unreadable import unreadable

_ACCOUNT = ("ServiceProviderName", "ProviderName", "BillingAccountId", "SubAccountId", "BillingCurrency")
_CHARGE = (
    *("ChargeCategory", "ChargeClass", "ChargeDescription", "PricingCategory", "CommitmentDiscountId"),
    *("ServiceName", "RegionId", "AvailabilityZone", "ResourceId", "SkuId", "SkuPriceId", "Tags"),
)
_FEW = 0.1
"""Of a file's rows: fewer may be alike by chance, as rows of one charge do."""
_MOST_CHARGES = 500_000
"""Of one file; beyond, every n-th charge stands for n."""
_AMOUNT = pl.Decimal(38, 15)
_DAY, _MONEY, _FILE = "day", "money", "file"


def overlap_notes(bills: Sequence[tuple[BillFile, int]], period: date) -> tuple[str, ...]:
    """``bills``: the files of ``period``, each with its rows of it. Raises what reading them raises."""
    every = max(1, max((rows for _, rows in bills), default=0) // _MOST_CHARGES)
    charges = pl.concat([_charges(bill, period, every, number) for number, (bill, _) in enumerate(bills)])
    shared = charges.filter(pl.col(_FILE).n_unique().over("charge") > 1)
    if shared.height:
        notes = _note(bills, charges, shared, every, period)
        if notes:
            return notes
    return _of_totals(bills, charges, period)


def _note(
    bills: Sequence[tuple[BillFile, int]], charges: pl.DataFrame, shared: pl.DataFrame, every: int, period: date
) -> tuple[str, ...]:
    shares = (
        charges.group_by(_FILE)
        .agg(all=pl.col("rows").sum())
        .join(shared.group_by(_FILE).agg(shared=pl.col("rows").sum()), on=_FILE)
        .filter(pl.col("shared") >= _FEW * pl.col("all"))
        .sort(_FILE)[_FILE]
        .to_list()
    )
    if not shares:
        return ()
    # of each charge the file with the most of it counts; whatever others say of it is too much
    surplus = shared.group_by("charge", "BillingCurrency").agg(
        money=pl.col(_MONEY).sum() - pl.col(_MONEY).sort_by(pl.col(_MONEY).abs()).last()
    )
    return (_sentence([bills[number][0].name for number in shares], shared, surplus, every, period),)


def _of_totals(bills: Sequence[tuple[BillFile, int]], charges: pl.DataFrame, period: date) -> tuple[str, ...]:
    """The same bill told in another way (by service here, by resource there): every day adds up to the same."""
    days = charges.group_by(_FILE, *_account(charges), _DAY).agg(pl.col(_MONEY).sum()).filter(pl.col(_MONEY) != 0)
    same = days.filter(pl.len().over(*_account(charges), _DAY, _MONEY) > 1)
    whole = days.join(same.select(_FILE).unique(), on=_FILE).group_by(_FILE).agg(pl.len()).rename({"len": "all"})
    files = same.group_by(_FILE).agg(pl.len()).join(whole, on=_FILE).filter(pl.col("len") * 2 > pl.col("all"))
    numbers = sorted(files[_FILE].to_list())
    if len(numbers) < 2:
        return ()
    surplus = same.group_by(*_account(charges), _DAY, _MONEY).agg(n=pl.len())
    surplus = surplus.select("BillingCurrency", (pl.col(_MONEY) * (pl.col("n") - 1)).cast(_AMOUNT).alias(_MONEY))
    return (_sentence([bills[number][0].name for number in numbers], same, surplus, 1, period),)


def _sentence(names: Sequence[str], shared: pl.DataFrame, surplus: pl.DataFrame, every: int, period: date) -> str:
    days = shared[_DAY].unique().sort()
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    amounts = surplus.group_by("BillingCurrency").agg(pl.col(_MONEY).sum()).sort("BillingCurrency")
    about = "about " if every > 1 else ""
    money = " and ".join(
        f"{about}{format_amount(Decimal(amount) * every, currency or '')} {currency or 'without a currency'}"
        for currency, amount in amounts.iter_rows()
    )
    named = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return (
        f"{period:%Y-%m}: {named} hold the same charges of {count_text(len(days), 'day')} ({span}): {money} may be"
        " counted twice. Remove one of them, or say overlaps: additive where each has charges of its own"
    )


def _charges(bill: BillFile, period: date, every: int, number: int) -> pl.DataFrame:
    """One row a charge: its hash, account, day, rows and BilledCost."""
    try:
        rows = bill.open()
        schema = rows.collect_schema()
        own = {plain_name(name).casefold(): name for name in schema.names()}

        def text(column: str) -> pl.Expr:
            name = own.get(column.casefold())
            if name is None:
                return pl.lit("")
            nested = schema[name].is_nested()
            value = pl.lit("") if nested else pl.col(name).cast(pl.String, strict=False)
            return value.fill_null("").str.strip_chars()

        start = text("ChargePeriodStart")
        hour = pl.when(start.str.len_chars() > 10).then(start.str.slice(11, 2)).otherwise(pl.lit("00"))
        money = text("BilledCost").cast(_AMOUNT, strict=False)
        money = money.fill_null(text("BilledCost").str.replace(",", ".").cast(_AMOUNT, strict=False))
        found = rows.filter(text("BillingPeriodStart").str.head(7) == f"{period:%Y-%m}").select(
            *[text(column).alias(column) for column in _ACCOUNT],
            start.str.head(10).alias(_DAY),
            money.fill_null(0).alias(_MONEY),
            pl.concat_str([*map(text, (*_ACCOUNT, *_CHARGE)), start.str.head(10), hour], separator="\x1f")
            .hash()
            .alias("charge"),
        )
        return (
            found.filter((pl.col("charge") % every == 0) & (pl.col(_DAY) != ""))
            .group_by("charge", *_ACCOUNT, _DAY)
            .agg(pl.len().alias("rows"), pl.col(_MONEY).sum())
            .with_columns(pl.lit(number).alias(_FILE))
            .collect(engine="streaming")
        )
    except FinopsError:
        raise
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(error, bill.name) from error


def _account(charges: pl.DataFrame) -> list[str]:
    return [name for name in _ACCOUNT if name in charges.columns]
