"""JSON columns: text, maps, structs and lists of key and value become canonical JSON text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from finops.focus.observations import BatchNotes
from finops.focus.repair.canonical_json import CanonicalJson, Outcome, canonical_entries, canonical_object
from finops.focus.repair.text import repair_text

_REMEDY = 'Write a JSON object, like {"team":"checkout"}'
_FEW = 5_000  # rows of a batch


@dataclass(frozen=True, slots=True)
class JsonRepairer:
    """String: canonical JSON, null where there is nothing.

    ``trim_keys``: keys are names that people typed (tags). ``strict``: what is no object is a fault.
    """

    column: str
    trim_keys: bool
    strict: bool
    canonical: CanonicalJson

    def probe(self, raw: pl.Expr) -> pl.Expr | None:  # noqa: ARG002 - every distinct text is looked at
        return None

    def repair(self, raw: pl.Series, notes: BatchNotes, *, closely: bool = True) -> pl.Series:  # noqa: ARG002 - see probe
        if raw.null_count() == len(raw):
            return raw.cast(pl.String) if not raw.dtype.is_nested() else nested_as_text(raw)
        if _is_map(raw.dtype) or (self.trim_keys and _is_pairs(raw.dtype)):
            return self._of_pairs(raw, notes)
        # a struct has a field for every key that any row has: null says that this row has it not
        fields = isinstance(raw.dtype, pl.Struct)
        text = nested_as_text(raw) if raw.dtype.is_nested() else repair_text(raw, self.column, notes)
        if len(text) <= _FEW:  # then looking each up is faster than finding the distinct ones and joining them back
            canonical, outcomes = self.canonical.of_texts(text.to_list(), trim_keys=self.trim_keys, drop_nulls=fields)
            rows = pl.DataFrame([pl.Series("text", canonical, pl.String), pl.Series("outcome", outcomes, pl.Int8)])
            return self._observed(rows["text"], rows["outcome"], text, notes)
        distinct = text.unique().drop_nulls()
        canonical, outcomes = self.canonical.of_texts(distinct.to_list(), trim_keys=self.trim_keys, drop_nulls=fields)
        found = pl.DataFrame(
            {"raw": distinct, "text": canonical, "outcome": outcomes},
            schema={"raw": pl.String, "text": pl.String, "outcome": pl.Int8},
        )
        rows = pl.DataFrame({"raw": text}).join(found, on="raw", how="left", maintain_order="left")
        return self._observed(rows["text"], rows["outcome"], text, notes)

    def _of_pairs(self, raw: pl.Series, notes: BatchNotes) -> pl.Series:
        entries = raw.map.entries() if isinstance(raw.dtype, pl.Map) else raw
        # grouping encodes each list once; asking for distinct lists and joining them back does it three times
        groups = pl.DataFrame({"entries": entries}).with_row_index("row").group_by("entries").agg("row")
        found = _pairs_as_text(groups["entries"], trim_keys=self.trim_keys)
        spread = groups.select("row", text=found["text"], outcome=found["outcome"]).explode("row").sort("row")
        return self._observed(spread["text"], spread["outcome"], raw, notes)

    def _observed(self, text: pl.Series, outcome: pl.Series, raw: pl.Series, notes: BatchNotes) -> pl.Series:
        if not outcome.max():
            return text
        notes.repair(self.column, "blanks around keys", outcome == Outcome.KEYS_TRIMMED)
        kept = "keys that differ only in blanks have different values, kept"
        notes.note(self.column, kept, outcome == Outcome.BLANKS_KEPT)
        unclear = outcome >= Outcome.NO_OBJECT
        if not unclear.any():
            return text
        if not self.strict:
            notes.note(self.column, "values that are not JSON objects, kept", unclear)
            return text.zip_with(~unclear, raw) if raw.dtype == pl.String else text
        notes.fault(
            self.column, outcome == Outcome.NO_OBJECT, raw, lambda value: f"'{value}' is not a JSON object", _REMEDY
        )
        twice = outcome == Outcome.KEY_TWICE
        notes.fault(self.column, twice, raw, lambda value: f"a key has two values in '{value}'", "Keep one of the two")
        return text


def nested_as_text(raw: pl.Series) -> pl.Series:
    """Any nested column as JSON text, keys in their own order; null stays null."""
    if isinstance(raw.dtype, pl.Struct):
        return raw.struct.json_encode()
    if isinstance(raw.dtype, pl.Map):
        raw = raw.map.entries()
    wrapped = pl.DataFrame({"v": raw}).select(pl.struct("v").struct.json_encode()).to_series()
    text = wrapped.str.strip_prefix('{"v":').str.head(-1)
    return text.zip_with(raw.is_not_null(), pl.Series([None], dtype=pl.String))


def _is_map(dtype: pl.DataType) -> bool:
    """A map, or the list of keys and values that older writers make of one."""
    return isinstance(dtype, pl.Map) or [field.name for field in _fields(dtype)] == ["key", "value"]


def _is_pairs(dtype: pl.DataType) -> bool:
    """A list of structs with a key, a value that is no object itself, and whatever else a provider says of a tag."""
    nested = {field.name: field.dtype.is_nested() for field in _fields(dtype)}
    return nested.get("key") is nested.get("value") is False


def _fields(dtype: pl.DataType) -> list[pl.Field]:
    """Of the structs in a list; none for anything else."""
    inner = dtype.inner if isinstance(dtype, pl.List) else None
    return inner.fields if isinstance(inner, pl.Struct) else []


def _pairs_as_text(entries: pl.Series, *, trim_keys: bool) -> pl.DataFrame:
    """``text`` and ``outcome`` for lists of key and value: natively, but for lists with a pair that is not plain.

    NUL stands between key and value while the pairs are sorted: it sorts before any other character, so that the
    order is that of the keys.
    """
    element = pl.element().struct
    pair = pl.struct(element.field("key").cast(pl.String), element.field("value").cast(pl.String))
    pairs = pl.DataFrame({"entries": entries}).select(pl.col("entries").list.eval(pair)).to_series()
    joined = pl.concat_str(element.field("key"), pl.lit("\0"), element.field("value"))
    ordered = pl.col("pairs").list.eval(joined).list.sort().list.join('","', ignore_nulls=False)
    body = pl.concat_str(pl.lit('{"'), ordered.str.replace_all("\0", '":"', literal=True), pl.lit('"}'))
    frame = pl.DataFrame({"pairs": pairs}).select(
        "pairs", text=pl.when(pl.col("pairs").list.len() > 0).then(body), outcome=pl.lit(0, pl.Int8)
    )
    odd = _not_plain(pairs, trim_keys=trim_keys)
    if not len(odd):
        return frame.select("text", "outcome")
    results = [_object_of_pairs(items, trim_keys=trim_keys) for items in entries.gather(odd)]
    return pl.DataFrame(
        {
            "text": frame["text"].scatter(odd, pl.Series([text for text, _ in results], dtype=pl.String)),
            "outcome": frame["outcome"].scatter(odd, pl.Series([int(kind) for _, kind in results], dtype=pl.Int8)),
        }
    )


def _not_plain(pairs: pl.Series, *, trim_keys: bool) -> pl.Series:
    """Positions of lists with a pair that JSON must escape, a null, a key with blanks around it, or a key twice."""
    flat = pl.DataFrame({"pairs": pairs}).with_row_index("row").explode("pairs").filter(pl.col("pairs").is_not_null())
    flat = flat.unnest("pairs")
    escaped = r"[\"\\\x00-\x1f]"
    odd_key = rf"{escaped}|^\s|\s$" if trim_keys else escaped
    plain = ~pl.col("key").str.contains(odd_key) & ~pl.col("value").str.contains(escaped)
    odd = ~plain.fill_null(value=False) | pl.struct("row", "key").is_duplicated()
    return flat.filter(odd)["row"].unique().sort()


def _object_of_pairs(entries: list[dict[str, Any]], *, trim_keys: bool) -> tuple[str | None, Outcome]:
    if trim_keys:
        return canonical_entries(entries)
    collected: dict[str, Any] = {}
    for entry in entries:
        key, value = str(entry["key"]), entry["value"]
        if collected.setdefault(key, value) != value:
            return None, Outcome.KEY_TWICE
    return canonical_object(collected, trim_keys=False)
