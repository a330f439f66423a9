"""The columns that tell a scope of the daily costs apart, and the id of each distinct tuple of them.

An id is the first 63 bits of BLAKE2b over the tuple's values as compact JSON, in the order of the columns. So two
writers need not agree on anything, and a tuple keeps its id for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import polars as pl

from finops.deferred import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCOPE_COLUMNS = (
    "source",
    "ServiceProviderName",
    "HostProviderName",
    "InvoiceIssuerName",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "ServiceCategory",
    "ServiceSubcategory",
    "ServiceName",
    "RegionId",
    "RegionName",
    "ChargeCategory",
    "ChargeClass",
    "ChargeFrequency",
    "PricingCategory",
    "CommitmentDiscountCategory",
    "CommitmentDiscountType",
    "CommitmentDiscountStatus",
    "x_AiModel",
    "x_AiTier",
    "x_AiTokenKind",
)
"""Low-cardinality columns of ``scopes``, all text; the configured dimensions follow them."""

_ESCAPED = r'["\\\x00-\x1f]'
"""What JSON cannot hold as it is."""


def scope_ids(tuples: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """``scope_id`` of each tuple; their JSON is written natively but where a text needs an escape."""
    quoted = [pl.concat_str(pl.lit('"'), pl.col(name), pl.lit('"')).fill_null("null") for name in columns]
    everything = pl.concat_str(*columns, separator=" ", ignore_nulls=True)
    found = tuples.select(
        text=pl.concat_str(pl.lit("["), pl.concat_str(quoted, separator=","), pl.lit("]")),
        plain=~everything.str.contains(_ESCAPED),
    )
    ids = _ids_of(found["text"].cast(pl.Binary))
    for place in (~found["plain"]).arg_true():
        ids[place] = scope_id(tuples.select(list(columns)).row(place))
    return pl.Series("scope_id", ids, dtype=pl.Int64)


def scope_id(values: tuple[str | None, ...]) -> int:
    """The id of one tuple of values.

    >>> scope_id(("aws", None))
    2166485283139686872
    """
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return int(_ids_of([text.encode()])[0])


def _ids_of(texts: Iterable[bytes]) -> NDArray[np.int64]:
    digests = b"".join(blake2b(text, digest_size=8).digest() for text in texts)
    return (np.frombuffer(digests, ">u8") >> np.uint64(1)).astype(np.int64)
