"""Columns of the Cost and Usage Report 2.0 as expressions, in any types that a file may have, missing ones included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from finops.errors import RefusedBatch

COST = "line_item_unblended_cost"

REQUIRED = (
    "bill_billing_period_end_date",
    "bill_billing_period_start_date",
    "bill_payer_account_id",
    "line_item_currency_code",
    "line_item_line_item_type",
    COST,
    "line_item_usage_end_date",
    "line_item_usage_start_date",
)
"""What no row can do without; an export's query may leave out any other column."""

_AMOUNT = pl.Decimal(38, 15)
_DIGITS = 10
"""Cost columns have at most ten digits behind the point; a sum of two doubles is brought back to them."""

_LARGEST, _SMALLEST = 1e12, 1e-10
"""What a quotient of two amounts may have above and below, so that it fits ``_AMOUNT``."""


def hidden(name: str) -> str:
    """The name of a column that is computed once for all expressions that need it: no report has one of this name."""
    return f"\0{name}"


def exact(number: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Decimal(38, 15) of a column of any type; null for what is not a number or implausibly large."""
    if not (dtype.is_numeric() or dtype == pl.String):
        return pl.lit(None, _AMOUNT)
    if dtype.is_float():  # the cast of a double that does not fit raises, and one to more digits shows its noise
        number = pl.when(number.abs() < _LARGEST).then(number).cast(pl.Decimal(38, _DIGITS))
    decimal = number.cast(_AMOUNT, strict=False)
    return pl.when(decimal.abs() < _LARGEST).then(decimal)


def quotient(amount: pl.Expr, by: pl.Expr) -> pl.Expr:
    """Of two ``exact`` numbers; null by nothing, which a division of decimals would refuse."""
    return amount / pl.when(by.abs() >= _SMALLEST).then(by)


@dataclass(frozen=True, slots=True)
class Cur:
    """``schema``: of one file. Text formats have every column as String, Parquet has doubles, times and maps."""

    schema: Mapping[str, pl.DataType]

    def check(self, part: str) -> None:
        """Raises ``RefusedBatch`` for an export that lacks what no row can do without."""
        missing = [name for name in REQUIRED if name not in self.schema]
        if missing:
            raise RefusedBatch(
                f"the export lacks {', '.join(missing)}",
                where=f"{part}, header",
                remedy="Add the columns to the export's query (SELECT of the export), or export FOCUS 1.2",
            )

    @property
    def amount_type(self) -> pl.DataType:
        """In which costs are computed: as the provider wrote them, text as text."""
        dtype = self.schema[COST]
        return dtype if dtype.is_float() or dtype == pl.String else _AMOUNT

    def has(self, name: str) -> bool:
        return name in self.schema

    def text(self, name: str) -> pl.Expr:
        """Null where the column or the value is missing; Parquet files write many missing values as empty texts."""
        if name not in self.schema:
            return pl.lit(None, pl.String)
        column = pl.col(name).cast(pl.String)
        return pl.when(column != "").then(column)

    def amount(self, name: str) -> pl.Expr:
        """A cost in ``amount_type``; null where the column or the value is missing."""
        if name not in self.schema:
            return pl.lit(None, self.amount_type)
        dtype, wanted = self.schema[name], self.amount_type
        if dtype == wanted:
            return self.text(name) if wanted == pl.String else pl.col(name)
        return pl.col(name).cast(wanted, strict=False)

    def raw(self, name: str) -> pl.Expr:
        """As the file has it; null where the column is missing."""
        return pl.col(name) if name in self.schema else pl.lit(None, pl.String)

    def zero(self) -> pl.Expr:
        return pl.lit("0") if self.amount_type == pl.String else pl.lit(0).cast(self.amount_type)

    def total(self, plus: pl.Expr, other: pl.Expr, *, sign: int = 1) -> pl.Expr:
        """``plus`` + ``sign`` x ``other``, exactly to the digits that AWS gives; null where one is missing."""
        if self.amount_type == pl.String:
            left, right = plus.cast(_AMOUNT, strict=False), other.cast(_AMOUNT, strict=False)
            return (left + right if sign > 0 else left - right).cast(pl.String)
        total = plus + other if sign > 0 else plus - other
        return total.round(_DIGITS) if self.amount_type.is_float() else total

    def scaled(self, amount: pl.Expr, part: pl.Expr, whole: pl.Expr) -> pl.Expr:
        """``amount`` x ``part`` / ``whole``, to the digits that AWS gives; ``amount`` where that is unknown.

        All three in ``amount_type``, and so is the result.
        """
        share = quotient(exact(part, self.amount_type), exact(whole, self.amount_type))
        scaled = (exact(amount, self.amount_type) * share).round(_DIGITS)
        return pl.coalesce(scaled.cast(self.amount_type), amount)

    def exact(self, name: str) -> pl.Expr:
        """A number as an exact decimal; null where it is missing, not a number or implausibly large."""
        return exact(pl.col(name), self.schema[name]) if name in self.schema else pl.lit(None, _AMOUNT)

    def net(self, name: str, gross: str) -> pl.Expr:
        """The column after discounts where AWS gives it, else the one before.

        Net columns are there only for accounts with a discount, and only where the discount is not a line of its own
        ("manual discount compatibility"): https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2-discount.html
        """
        return pl.coalesce(self.amount(name), self.amount(gross)) if name in self.schema else self.amount(gross)

    def entry(self, column: str, *keys: str) -> pl.Expr:
        """The value of the first key that a map (JSON text in CSV) has."""
        if column not in self.schema:
            return pl.lit(None, pl.String)
        return pl.coalesce([self._value(column, key) for key in keys])

    def _value(self, column: str, key: str) -> pl.Expr:
        dtype = self.schema[column]
        if isinstance(dtype, pl.Map):
            return pl.col(column).map.get(key).cast(pl.String)
        if isinstance(dtype, pl.Struct):
            has_key = any(field.name == key for field in dtype.fields)
            return pl.col(column).struct.field(key).cast(pl.String) if has_key else pl.lit(None, pl.String)
        if isinstance(dtype, pl.List):
            pair = pl.element().struct
            values = pl.col(column).list.eval(pair.field("value").filter(pair.field("key") == key))
            return values.list.first().cast(pl.String)
        return self.text(column).str.json_path_match(f"$['{key}']")
