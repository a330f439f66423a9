"""Entries of finops.yaml -> the parts that their kinds make of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops.config import Config
from finops.config.plugins import policy_profiles
from finops.config.settings import DemandEntry, ReceiverEntry, SourceEntry
from finops.documents import Fault, load_documents
from finops.errors import BadArguments, FinopsError, Malformed, fault_place
from finops.focus.schema import condition_columns
from finops.ports.clock import Clock
from finops.ports.emissions import EmissionsSource
from finops.ports.lake import Lake
from finops.ports.receiver import Receiver
from finops.ports.request_costs import RequestCosts
from finops.ports.source import DemandSource, Source

Entry = SourceEntry | DemandEntry | ReceiverEntry
Offered = Mapping[str, Callable[[], Any]]
"""What kinds may ask for, made when one does."""


Failed = tuple[tuple[str, ...], FinopsError]
"""A key of finops.yaml, and what is wrong with what it names."""


@dataclass(frozen=True, slots=True)
class Sources:
    """By name."""

    sources: Mapping[str, Source]
    demand: Mapping[str, DemandSource]
    emissions: Mapping[str, EmissionsSource]


def make_sources(
    config: Config, clock: Clock, lake: Callable[[], Lake], request_costs: Callable[[], RequestCosts]
) -> Sources:
    """Raises ``Malformed`` with every one that cannot be made."""
    offered: Offered = {
        "base": lambda: config.base,
        "clock": lambda: clock,
        "lake": lake,
        "columns": lambda: condition_columns().with_dimensions(config.dimension_names),
        "request_costs": request_costs,
        "limits": lambda: config.input_limits,
    }
    sections: dict[str, Sequence[Entry]] = {
        "sources": config.sources,
        "demand": config.demand,
        "emissions": config.emissions,
    }
    return Sources(**_make_all(config, sections, offered))


def make_receivers(config: Config, clock: Clock) -> dict[str, Receiver]:
    """By name. Raises as ``make_sources``."""
    offered: Offered = {"base": lambda: config.base, "clock": lambda: clock, "profiles": policy_profiles}
    return _make_all(config, {"receivers": config.receivers}, offered)["receivers"]


def _make_all(config: Config, sections: Mapping[str, Sequence[Entry]], offered: Offered) -> dict[str, dict[str, Any]]:
    parts: dict[str, dict[str, Any]] = {section: {} for section in sections}
    failed: list[Failed] = []
    for section, entries in sections.items():
        for entry in entries:
            try:
                parts[section][entry.name] = make(entry, offered)
            except FinopsError as error:
                failed.append(((section, entry.name), error))
    if failed:
        raise Malformed(faults_at(config.path, failed))
    return parts


def make(entry: Entry, offered: Offered) -> Any:
    """``from_options(name, options, …)`` of the entry's class, with those of ``offered`` that it names.

    A kind asks for what it needs by the name of a keyword-only parameter, so that one more thing on offer changes no
    kind that is there. Raises ``BadArguments`` for a kind that asks for what nobody offers or fails, and what a kind
    of ours raises.
    """
    parameters = inspect.signature(entry.factory.from_options).parameters.values()
    asked = [one for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY]
    for one in asked:
        if one.name not in offered and one.default is inspect.Parameter.empty:
            raise BadArguments(
                f"the kind {entry.kind} requires '{one.name}', which this version of finops does not provide",
                where=entry.name,
                remedy=f"Install a compatible version of the kind; available: {', '.join(sorted(offered))}",
            )
    given = {one.name: offered[one.name]() for one in asked if one.name in offered}
    try:
        return entry.factory.from_options(entry.name, entry.options, **given)
    except FinopsError:
        raise
    except Exception as error:  # its text may hold a secret
        raise BadArguments(
            f"the kind {entry.kind} failed ({fault_place(error)})",
            where=entry.name,
            remedy="Check its options, or report this to the kind's author",
        ) from error


def faults_at(path: Path, failed: Sequence[Failed]) -> list[Fault]:
    """With their places in finops.yaml, which is read for them alone."""
    if not failed:
        return []
    document = load_documents(path)[0][0]
    return [document.fault(loc, f"{error.where}: {error.what}", error.remedy) for loc, error in failed]
