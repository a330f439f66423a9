"""A part's own column names -> columns of the newest FOCUS version, ``x_`` columns, and the part's FOCUS version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finops.documents import nearest
from finops.errors import RefusedBatch
from finops.focus.schema import REQUIRED, SUCCESSORS, focus_columns
from finops.model.cell import plain_name

_UNWRITABLE = re.compile(r"[ ,;{}()\n\t=]")  # Delta and Parquet readers refuse these in column names
_REPEATED = re.compile(r"(?P<name>.+)_duplicated_\d+")  # how Polars renames the second column of one name

_PREVIEW = {
    "provider": "ProviderName",
    "publisher": "PublisherName",
    "invoiceissuer": "InvoiceIssuerName",
    "region": "RegionId",
    "usagequantity": "ConsumedQuantity",
    "usageunit": "ConsumedUnit",
}
"""Names of the FOCUS 1.0 preview, which OCI's reports still use, and those of the final version."""


@dataclass(frozen=True, slots=True)
class Naming:
    """``focus`` and ``extra``: column in the conformed rows -> column in the part."""

    version: str
    focus: Mapping[str, str]
    extra: Mapping[str, str]
    repaired: Mapping[str, int]
    notes: tuple[str, ...]


def name_columns(names: Sequence[str], part: str) -> Naming:
    """Raises ``RefusedBatch`` when a needed column is missing, or when two columns could be the same one."""
    where = f"{part}, header"
    known = {name.casefold(): name for name in [*focus_columns(), *SUCCESSORS]}
    plain = {plain_name(name).casefold() for name in names}
    if {"provider", "publisher", "invoiceissuer"} <= plain:
        known |= {old: new for old, new in _PREVIEW.items() if new.casefold() not in plain}
    focus: dict[str, str] = {}
    strangers: list[str] = []
    repaired: dict[str, int] = {}
    for name in names:
        repeated = _REPEATED.fullmatch(name)
        target = known.get(plain_name(repeated["name"] if repeated else name).casefold())
        if target is None:
            strangers.append(name)
        elif target in focus:
            raise RefusedBatch(f"the column {target} occurs twice", where=where, remedy="Keep one of the two")
        else:
            focus[target] = name
            if target != name:
                repaired[f"{target}: column name"] = 1
    _all_there(focus, strangers, where)
    version = focus_version(list(focus))
    extra = _extra(focus, strangers, where)
    return Naming(version, focus, extra, repaired, _notes(focus, part))


def focus_version(names: Sequence[str]) -> str:
    """The oldest FOCUS version (1.0 to 1.4) that has all these columns.

    1.3 has the dropped names and their successors, 1.4 the successors only.
    """
    since = max((column.since for name in names if (column := focus_columns().get(name))), default="1.0")
    if since == "1.3" and not any(name in SUCCESSORS for name in names):
        return "1.4"
    return max(since, "1.0")


def _all_there(focus: Mapping[str, str], strangers: Sequence[str], where: str) -> None:
    missing = [name for name in REQUIRED if name not in focus]
    if not missing:
        return
    near = nearest(missing[0], strangers)
    hint = f"Rename '{near}' to '{missing[0]}'" if near else "Export the bill as FOCUS 1.0 or newer"
    what = f"the column {missing[0]} is missing"
    if len(missing) > 1:
        what = f"the columns {', '.join(missing[:-1])} and {missing[-1]} are missing"
    raise RefusedBatch(what, where=where, remedy=hint)


def _extra(focus: dict[str, str], strangers: Sequence[str], where: str) -> dict[str, str]:
    """``x_`` columns; the dropped names move to their successors."""
    extra: dict[str, str] = {}
    for dropped, successor in SUCCESSORS.items():
        if dropped in focus:
            name = focus.pop(dropped)
            if successor in focus:
                extra[f"x_{dropped}"] = name
            elif successor in focus_columns():
                focus[successor] = name
            else:
                extra[successor] = name
    taken = {name.casefold() for name in extra}
    for name in strangers:
        target = _UNWRITABLE.sub("_", plain_name(name))
        if not target.startswith("x_"):
            target = f"x_{target}"
        if target.casefold() in taken:
            what = f"the column '{name}' would be kept as {target}, which already exists"
            raise RefusedBatch(what, where=where, remedy="Rename one of the two")
        taken.add(target.casefold())
        extra[target] = name
    return dict(sorted(extra.items()))


def _notes(focus: Mapping[str, str], part: str) -> tuple[str, ...]:
    absent = [
        name
        for name, column in focus_columns().items()
        if column.level == "Mandatory" and column.since <= "1.0" and name not in focus
    ]
    return (f"{part}: mandatory columns are missing, left null: {', '.join(absent)}",) if absent else ()
