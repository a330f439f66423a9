"""ContractApplied of FOCUS 1.3 and later: what of a charge counts towards which contract commitment.

A JSON object with the array ``Elements`` (1.4) or ``ContractApplied`` (the examples of 1.3), of objects with
ContractCommitmentId (1.3: ContractCommitmentID), and ContractCommitmentAppliedCost, in BillingCurrency, or
ContractCommitmentAppliedQuantity in ContractCommitmentAppliedUnit. Objects without an ID, such as properties of a
provider's own, say nothing of a commitment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from finops.lake.tables.columns import MONEY
from finops.model.money import quantise

APPLIED = "ContractApplied"

_ARRAYS = ("elements", "contractapplied")
_ELEMENT = pl.Struct(
    {
        "CommitmentDiscountId": pl.String(),
        "ContractId": pl.String(),
        "x_AppliedCost": MONEY,
        "x_AppliedQuantity": MONEY,
        "ContractCommitmentUnit": pl.String(),
    }
)


def applied_of(rows: pl.LazyFrame, by: Sequence[str], labels: Sequence[pl.Expr]) -> pl.DataFrame:
    """The groups ``by`` (one of them CommitmentDiscountId) of what was applied, with ``labels`` of their charges."""
    linked = rows.filter(pl.col(APPLIED).is_not_null()).drop("CommitmentDiscountId")
    schema = pl.Schema({**linked.collect_schema(), **dict(_ELEMENT.to_schema())})
    return (
        linked.map_batches(_exploded, schema=schema, streamable=True)
        .group_by(by)
        .agg(
            *labels,
            only(pl.col("ContractId"), "ContractId"),
            only(pl.col("ContractCommitmentUnit"), "ContractCommitmentUnit"),
            *(
                pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)
                for name in ("x_AppliedCost", "x_AppliedQuantity")
            ),
            pl.col("ChargePeriodEnd").max().alias("x_LastChargePeriodEnd"),
        )
        .collect(engine="streaming")
    )


def only(column: pl.Expr, name: str) -> pl.Expr:
    """The one value of a group; null where there are several."""
    values = column.drop_nulls().unique()
    return pl.when(values.len() == 1).then(values.first()).alias(name)


def _exploded(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each commitment that a charge was applied to."""
    read = {text: list(_elements(text)) for text in rows[APPLIED].unique()}
    elements = pl.Series("element", [read[text] for text in rows[APPLIED]], pl.List(_ELEMENT))
    return rows.with_columns(elements).explode("element").filter(pl.col("element").is_not_null()).unnest("element")


def _elements(text: str) -> Iterator[dict[str, Any]]:
    try:
        found = json.loads(text, parse_float=Decimal)
    except ValueError:  # what conforms is JSON; rows of another writer are named by ``finops lake status``
        return
    for one in _objects(found):
        said = {key.casefold(): value for key, value in one.items()}
        name = said.get("contractcommitmentid")
        if name not in (None, ""):
            yield {
                "CommitmentDiscountId": str(name),
                "ContractId": _text(said.get("contractid")),
                "x_AppliedCost": _amount(said.get("contractcommitmentappliedcost")),
                "x_AppliedQuantity": _amount(said.get("contractcommitmentappliedquantity")),
                "ContractCommitmentUnit": _text(said.get("contractcommitmentappliedunit")),
            }


def _objects(found: object) -> list[Mapping[str, Any]]:
    """The array's objects, or the one object that stands in its place."""
    if isinstance(found, Mapping):
        arrays = [value for key, value in found.items() if key.casefold() in _ARRAYS and isinstance(value, list)]
        found = arrays[0] if arrays else [found]
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _text(value: object) -> str | None:
    return str(value) if value not in (None, "") else None


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        number = Decimal(value)
        return quantise(number) if number.is_finite() else None
    except InvalidOperation:
        return None
