"""A finops.yaml file -> Config, or every fault of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from finops.config.allocations import read_allocations
from finops.config.dimensions import read_dimensions
from finops.config.entries import Entry, option_faults, read_entries
from finops.config.file_model import ConfigFile, LakeStore
from finops.config.plugins import demand_kinds, emissions_kinds, receiver_kinds, source_kinds
from finops.config.references import (
    bill_faults,
    digest_order,
    read_invoices,
    statement_faults,
    statement_order,
    team_faults,
)
from finops.config.settings import Config, DemandEntry, ReceiverEntry, SourceEntry
from finops.documents import Document, Fault, did_you_mean, load_documents, validate
from finops.errors import Malformed
from finops.model.calendar import NO_CALENDAR, Calendar
from finops.model.columns import Columns
from finops.model.dimension import Dimension
from finops.model.invoice import Invoice
from finops.model.route import Route
from finops.model.team import Team
from finops.objectstore.bounds import InputLimits

_ROUTE_KEYS = ("severity", "kind", "owner", "policy")


def load_config(path: Path, columns: Columns) -> Config:
    """``finops.yaml`` checked and resolved. Raises ``Malformed`` with every fault of the file.

    ``columns``: what the conditions of dimensions may name.
    """
    if not path.exists():
        hint = "Run 'finops init' to write one, or 'finops look FILE' to look at a bill without one; -c names another"
        raise Malformed([Fault(str(path), 1, 1, "no such file", hint)])
    documents, faults = load_documents(path)
    if faults:
        raise Malformed(faults)
    if len(documents) != 1:
        message = "the file is empty" if not documents else f"expected one document, found {len(documents)}"
        raise Malformed([Fault(str(path), 1, 1, message, "Start with 'apiVersion: finops/v1'")])
    document = documents[0]
    model, faults = validate(ConfigFile, document)
    if not isinstance(document.data, dict):
        raise Malformed(faults)
    sources, source_faults = _entries(document, "sources")
    demand, demand_faults = _entries(document, "demand")
    value, value_faults = _entries(document, "value")
    emissions, emissions_faults = _entries(document, "emissions")
    receivers, receiver_faults = _entries(document, "receivers")
    dimensions, dimension_faults = _dimensions(document, columns)
    invoices, invoice_faults = _invoices(document)
    faults += [*source_faults, *demand_faults, *value_faults, *emissions_faults, *receiver_faults]
    faults += [*dimension_faults, *invoice_faults]
    known = columns.with_dimensions(tuple(dimension.name for dimension in dimensions))
    allocations, allocation_faults = read_allocations(document, known, [entry.name for entry in demand])
    demand = [*demand, *allocations.series]
    faults += allocation_faults
    faults += _taken_names(document, value, demand)
    for section, entries in (("demand", demand), ("value", value)):
        faults += [fault for entry in entries for fault in option_faults(document, (section, entry.name), entry, known)]
    if model is not None:
        faults += _route_faults(document, model, dimensions)
        faults += statement_faults(document, model, receivers, known)
        faults += team_faults(document, model, known)
        faults += bill_faults(document, model, receivers, known)
    if faults or model is None:
        raise Malformed(sorted(set(faults)))
    lake = model.lake if isinstance(model.lake, LakeStore) else LakeStore(uri=model.lake)
    policies = [model.policies] if isinstance(model.policies, str) else model.policies
    return Config(
        path=path,
        base=path.resolve().parent,
        policies=tuple(policies),
        lake_uri=lake.uri,
        lake_endpoint=lake.endpoint,
        state=model.state,
        currency=model.currency,
        rates=model.rates,
        timezone=ZoneInfo(model.timezone),
        fiscal_year_starts=model.fiscal_year_starts,
        settling=model.settling,
        audit=model.audit,
        evaluate_every=model.evaluate_every,
        engine=model.engine,
        ingest_memory_bytes=model.ingest.memory,
        input_limits=InputLimits(model.ingest.max_row, model.ingest.max_file),
        http=model.http,
        max_series=model.exporter.max_series,
        sources=tuple(SourceEntry(e.name, e.kind, e.every, e.options, e.factory, e.reconcile) for e in sources),
        demand=tuple(
            DemandEntry(e.name, e.kind, e.every, e.currency or e.unit, e.options, e.factory, e.currency)
            for e in (*demand, *value)
        ),
        emissions=tuple(SourceEntry(e.name, e.kind, e.every, e.options, e.factory) for e in emissions),
        dimensions=dimensions,
        receivers=tuple(ReceiverEntry(e.name, e.kind, e.options, e.factory) for e in receivers),
        routes=tuple(
            Route(
                {key: (value,) if isinstance(value, str) else tuple(value) for key, value in route.match.items()},
                tuple(route.to),
                route.repeat,
                route.continue_,
            )
            for route in model.routes
        ),
        invoices=invoices,
        allocations=allocations.rules,
        calendar=Calendar(model.calendar.country, model.calendar.subdivision) if model.calendar else NO_CALENDAR,
        teams=tuple(
            Team(name, team.cost_centre, tuple(team.owners), tuple(team.receivers), digest_order(team))
            for name, team in model.teams.items()
        ),
        statements=tuple(statement_order(name, order) for name, order in model.statements.items()),
    )


def _entries(document: Document, section: str) -> tuple[list[Entry], list[Fault]]:
    if not isinstance(document.data.get(section) or {}, dict):
        return [], []  # the file's model has named this fault
    if section == "sources":
        return read_entries(document, section, source_kinds(), own_keys=("every", "reconcile"))
    if section == "demand":
        return read_entries(
            document, section, demand_kinds(), own_keys=("every", "unit"), default_every=timedelta(hours=6)
        )
    if section == "value":
        return read_entries(document, section, demand_kinds(), own_keys=("every", "currency"))
    if section == "emissions":
        return read_entries(
            document, section, emissions_kinds(), own_keys=("every",), default_every=timedelta(hours=24)
        )
    return read_entries(document, section, receiver_kinds())


def _taken_names(document: Document, value: Sequence[Entry], demand: Sequence[Entry]) -> Iterator[Fault]:
    """Series of ``value:`` and ``demand:`` are stored side by side."""
    taken = {entry.name for entry in demand}
    for entry in value:
        if entry.name in taken:
            message = f"the name '{entry.name}' is taken by a demand series"
            yield document.fault(("value", entry.name), message, "Give each series its own name")


def _invoices(document: Document) -> tuple[tuple[Invoice, ...], list[Fault]]:
    sections = [document.data.get(name) or {} for name in ("invoices", "sources")]
    if not all(isinstance(section, dict) for section in sections):
        return (), []  # the file's model has named this fault
    return read_invoices(document, sections[1])


def _dimensions(document: Document, columns: Columns) -> tuple[tuple[Dimension, ...], list[Fault]]:
    if not isinstance(document.data.get("dimensions") or {}, dict):
        return (), []
    return read_dimensions(document, columns)


def _route_faults(document: Document, model: ConfigFile, dimensions: tuple[Dimension, ...]) -> list[Fault]:
    faults = []
    keys = [*_ROUTE_KEYS, *(dimension.name for dimension in dimensions)]
    for index, route in enumerate(model.routes):
        for position, receiver in enumerate(route.to):
            if receiver not in model.receivers:
                hint = did_you_mean(receiver, model.receivers) if model.receivers else "Add it under 'receivers:'"
                faults.append(document.fault(("routes", index, "to", position), f"no receiver '{receiver}'", hint))
        faults += [
            document.fault(("routes", index, "match", key), f"a route cannot match on '{key}'", did_you_mean(key, keys))
            for key in route.match
            if key not in keys
        ]
    return faults
