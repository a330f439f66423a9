"""One tag of a row whose ``Tags`` are JSON text."""

from __future__ import annotations

import polars as pl

from finops.errors import InvalidValue


def tag_value(key: str) -> pl.Expr:
    """The value of tag ``key`` as text, null where it is not set; over a frame with ``Tags`` (String, JSON object).

    A number or a truth value comes as its JSON text. Raises ``ValueError`` for a key with a backslash: the JSON path
    engine of Polars cannot name one.
    """
    if "\\" in key:
        raise InvalidValue("a tag key with a backslash cannot be named", "Map it to a dimension at its source")
    quoted = key.replace("'", "\\'")
    return pl.col("Tags").str.json_path_match(f"$['{quoted}']")
