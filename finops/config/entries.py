"""The named entries of finops.yaml (sources, demand, value, receivers), each checked by its own kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from finops.config.plugins import Plugins
from finops.config.quantities import parse_duration
from finops.documents import Document, Fault, OptionFault, did_you_mean, place_inside, validate
from finops.errors import BadArguments, InvalidValue
from finops.model.columns import Columns
from finops.model.currency import check_currency


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry whose kind is known and whose options are valid."""

    name: str
    kind: str
    every: timedelta
    unit: str
    options: BaseModel
    factory: Any
    reconcile: str | None = None
    currency: str = ""


def read_entries(
    document: Document,
    section: str,
    plugins: Plugins,
    *,
    own_keys: Sequence[str] = (),
    default_every: timedelta = timedelta(hours=6),
) -> tuple[list[Entry], list[Fault]]:
    """Every entry of ``section``. ``own_keys`` (``every``, ``unit``, ``reconcile``, ``currency``) are read here for all
    kinds."""
    entries, faults = [], []
    for name, value in (document.data.get(section) or {}).items():
        at = (section, name)
        if not isinstance(value, dict):
            continue  # the file's model has named this fault
        if not _is_name(name):
            faults.append(document.fault(at, f"'{name}' is not a valid name", "Use letters, digits, '-', '_' and '.'"))
        kind = value.get("kind")
        if kind is None:
            hint = f"Add 'kind:', one of: {', '.join(plugins.kinds)}"
            faults.append(document.fault(at, "the key 'kind' is missing", hint))
            continue
        if kind not in plugins:
            hint = did_you_mean(str(kind), plugins.kinds)
            faults.append(document.fault((*at, "kind"), f"unknown kind '{kind}'", hint, of_value=True))
            continue
        try:
            factory = plugins.load(kind)
        except BadArguments as error:
            faults.append(document.fault((*at, "kind"), error.what, error.remedy, of_value=True))
            continue
        options, found = validate(factory.Options, document, at=at, beside=("kind", *own_keys))
        faults.extend(found)
        every = default_every
        if "every" in own_keys and "every" in value:
            try:
                every = parse_duration(value["every"])
            except InvalidValue as error:
                faults.append(document.fault((*at, "every"), error.what, error.remedy, of_value=True))
        unit = value.get("unit", name) if "unit" in own_keys else ""
        reconcile = value.get("reconcile") if "reconcile" in own_keys else None
        if reconcile is not None:
            faults.extend(_not_another(document, section, name, reconcile))
        currency = ""
        if "currency" in own_keys:
            currency, currency_faults = _currency(document, at, value)
            faults.extend(currency_faults)
        if options is not None:
            entries.append(Entry(name, kind, every, str(unit), options, factory, reconcile, currency))
    return entries, faults


def _currency(document: Document, at: tuple[str, str], value: Mapping[str, Any]) -> tuple[str, list[Fault]]:
    """Of a series in money, whose unit it is."""
    if "unit" in value:
        hint = "Remove it: the unit of a series in money is its currency"
        return "", [document.fault((*at, "unit"), "unknown key 'unit'", hint)]
    if "currency" not in value:
        hint = "Add the currency of the series, like 'currency: EUR'"
        return "", [document.fault(at, "the key 'currency' is missing", hint)]
    try:
        return check_currency(str(value["currency"])), []
    except InvalidValue as error:
        return "", [document.fault((*at, "currency"), error.what, error.remedy, of_value=True)]


def _not_another(document: Document, section: str, name: str, reconcile: object) -> list[Fault]:
    """``reconcile`` names another entry of the same section."""
    others = [other for other in document.data[section] if other != name]
    if reconcile in others:
        return []
    what = "a source cannot be compared with itself" if reconcile == name else f"no source '{reconcile}'"
    hint = did_you_mean(str(reconcile), others) if others else "Name another source"
    return [document.fault((section, name, "reconcile"), what, hint, of_value=True)]


def option_faults(document: Document, at: tuple[str, str], entry: Entry, columns: Columns) -> list[Fault]:
    """What a kind says of its options once the columns of this configuration are known: conditions, dimensions.

    A kind that has something to say has the class method ``check_options(options, columns)``.
    """
    check = getattr(entry.factory, "check_options", None)
    found: Sequence[OptionFault] = check(entry.options, columns) if check else ()
    faults = []
    for fault in found:
        loc = (*at, *fault.loc)
        if fault.offset is None:
            faults.append(document.fault(loc, fault.message, fault.hint, of_value=True))
            continue
        value: Any = entry.options
        for part in fault.loc:
            value = value[part] if isinstance(part, int) else getattr(value, part)
        line, column = place_inside(document, loc, str(value), fault.offset)
        faults.append(Fault(document.file, line, column, fault.message, fault.hint))
    return faults


def _is_name(name: str) -> bool:
    return bool(name) and all(character.isalnum() or character in "-_." for character in name)
