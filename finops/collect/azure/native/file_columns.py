"""The columns that a cost details file has, under the names that agreements and versions give them.

Sources: "Enterprise Agreement cost and usage details file schema" and the same of the Microsoft Customer Agreement and
Partner Agreement, learn.microsoft.com/azure/cost-management-billing/dataset-schema/schema-index. Casing differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from finops.collect.azure.headers import own_names
from finops.errors import RefusedBatch

_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cost": ("costinbillingcurrency", "cost", "pretaxcost"),
        "currency": ("billingcurrency", "billingcurrencycode", "currency"),
        "date": ("date", "usagedatetime", "usagedate"),
        "productname": ("productname", "product"),
        "pricingcurrency": ("pricingcurrency", "pricingcurrencycode"),
        "invoiceid": ("invoiceid", "invoicenumber"),
        "resourcegroup": ("resourcegroupname", "resourcegroup"),
        "invoicesectionname": ("invoicesectionname", "invoicesection"),
        "exchangerate": ("exchangeratepricingtobilling", "exchangerate"),
    }
)
NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: _ALIASES.get(name, (name,)) for name in ("cost", "currency", "date", "chargetype")}
)
"""Column -> the names that it can have, lower case."""
_SHOWN: Mapping[str, str] = MappingProxyType(
    {"cost": "CostInBillingCurrency", "currency": "BillingCurrency", "date": "Date", "chargetype": "ChargeType"}
)
_NOTHING = ("", "-2", "Unassigned")
_AMOUNT = pl.Decimal(38, 15)


class FileColumns:
    """Expressions over the columns of one file, by lower-case name; a column that is not there is null."""

    def __init__(self, schema: Mapping[str, pl.DataType], where: str) -> None:
        """Raises ``RefusedBatch`` where the file cannot be a cost details file."""
        self._schema = schema
        self._own = own_names(schema)
        missing = [name for name in NEEDED if name not in self]
        if missing:
            raise RefusedBatch(
                f"the column {_SHOWN[missing[0]]} is missing, so this is not a file of cost details; "
                f"its columns are {', '.join(schema)}",
                where=f"{where}, header",
                remedy="Export actual or amortised cost with all columns",
            )

    def __contains__(self, name: str) -> bool:
        return self._name(name) is not None

    def raw(self, name: str) -> pl.Expr:
        """As it stands in the file: nothing is lost that a later reading of the number could tell."""
        found = self._name(name)
        return pl.lit(None, pl.String) if found is None else pl.col(found)

    def dtype(self, name: str) -> pl.DataType:
        found = self._name(name)
        return pl.String() if found is None else self._schema[found]

    def text(self, name: str) -> pl.Expr:
        """String; null for an empty text and for what Azure writes where there is no value."""
        value = self.raw(name).cast(pl.String)
        return pl.when(value.is_in(_NOTHING)).then(None).otherwise(value)

    def word(self, name: str) -> pl.Expr:
        """String without blanks, lower case."""
        return self.text(name).str.replace_all(r"\s", "").str.to_lowercase()

    def number(self, name: str) -> pl.Expr:
        """Decimal(38, 15); null for what is not a valid number."""
        value = self.raw(name)
        value = value.str.strip_chars() if self.dtype(name) == pl.String else value
        return value.cast(_AMOUNT, strict=False)

    def day(self, name: str) -> pl.Expr:
        """Date: ``03/31/2026`` or ISO 8601 in CSV; null for what is none."""
        if self.dtype(name) != pl.String:
            return self.raw(name).cast(pl.Date)
        value = self.raw(name).str.strip_chars().str.head(10)
        return pl.coalesce(
            value.str.to_date("%m/%d/%Y", strict=False, exact=True), value.str.to_date("%Y-%m-%d", strict=False)
        )

    def _name(self, name: str) -> str | None:
        return next((self._own[alias] for alias in _ALIASES.get(name, (name,)) if alias in self._own), None)
