"""``statements:`` of finops.yaml: whether those who shall get one can take files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import get_args

from finops.config.entries import Entry
from finops.config.file_model import ConfigFile, StatementModel, TeamModel, Weekday
from finops.documents import Document, Fault, did_you_mean
from finops.errors import InvalidValue
from finops.model.columns import Columns
from finops.model.invoice import Invoice, parse_month
from finops.model.money import Money
from finops.model.statement_order import StatementOrder
from finops.model.team import TEAM, DigestOrder
from finops.ports.documents import DigestReceiver, DocumentReceiver


def statement_faults(
    document: Document, model: ConfigFile, receivers: Sequence[Entry], columns: Columns
) -> list[Fault]:
    """A receiver that is none or takes no files, a dimension that is none."""
    faults: list[Fault] = []
    for name, order in model.statements.items():
        faults += _file_receiver_faults(document, ("statements", name, "to"), order.to, receivers)
        if order.by is not None and order.by not in columns.dimensions:
            known = sorted(columns.dimensions)
            hint = did_you_mean(order.by, known) if known else "Add it under 'dimensions:'"
            faults.append(document.fault(("statements", name, "by"), f"no dimension '{order.by}'", hint, of_value=True))
    return faults


def team_faults(document: Document, model: ConfigFile, columns: Columns) -> list[Fault]:
    """Viewers of teams without a dimension that says whose a cost is."""
    auth = model.http.auth
    if auth is None or not auth.restricts or auth.dimension in columns.dimensions:
        return []
    known = sorted(columns.dimensions)
    hint = did_you_mean(auth.dimension, known) if known else "Add it under 'dimensions:'"
    message = f"viewers are restricted by the dimension '{auth.dimension}', which is not configured"
    at = ("http", "auth", "dimension") if "dimension" in auth.model_fields_set else ("http", "auth")
    return [document.fault(at, message, hint)]


def bill_faults(document: Document, model: ConfigFile, receivers: Sequence[Entry], columns: Columns) -> list[Fault]:
    """Teams without a dimension that says whose a cost is; a receiver that is none or takes no files."""
    faults = []
    if model.teams and TEAM not in columns.dimensions:
        hint = "Add it under 'dimensions:', like team: [{tags: [team]}]"
        faults.append(document.fault(("teams",), f"teams require the dimension '{TEAM}'", hint))
    for name, team in model.teams.items():
        faults += _file_receiver_faults(document, ("teams", name, "receivers"), team.receivers, receivers)
        faults += _digest_faults(document, name, team, receivers)
    return faults


def _digest_faults(document: Document, name: str, team: TeamModel, receivers: Sequence[Entry]) -> Iterator[Fault]:
    """A digest for nobody, or by what sends no mail."""
    if team.digest is None:
        return
    at = ("teams", name)
    if not team.owners:
        yield document.fault((*at, "digest"), "a digest goes to owners, and the team has none", "Add 'owners:'")
    for place, owner in enumerate(team.owners):
        if "@" not in owner:
            hint = "Write it like anna@example.com, or remove 'digest:'"
            yield document.fault((*at, "owners", place), f"'{owner}' is not an email address", hint)
    where, receiver = (*at, "digest", "receiver"), team.digest.receiver
    yield from _receiver_faults(document, where, receiver, receivers, port=DigestReceiver, use="send digests")


def digest_order(team: TeamModel) -> DigestOrder | None:
    if team.digest is None:
        return None
    return DigestOrder(team.digest.receiver, get_args(Weekday).index(team.digest.weekday))


def _file_receiver_faults(
    document: Document, at: tuple[str, ...], named: Sequence[str], receivers: Sequence[Entry]
) -> Iterator[Fault]:
    for position, receiver in enumerate(named):
        yield from _receiver_faults(
            document, (*at, position), receiver, receivers, port=DocumentReceiver, use="accept files"
        )


def _receiver_faults(
    document: Document, at: tuple[str | int, ...], named: str, receivers: Sequence[Entry], *, port: type, use: str
) -> Iterator[Fault]:
    """A receiver that is none, or is no ``port`` and so does not do what ``use`` says."""
    kinds = {entry.name: entry for entry in receivers}
    fit = [name for name, entry in kinds.items() if issubclass(entry.factory, port)]
    configured = document.data.get("receivers") or {}
    if named not in configured:
        hint = did_you_mean(named, configured) if configured else "Add it under 'receivers:'"
        yield document.fault(at, f"no receiver '{named}'", hint, of_value=True)
    elif named in kinds and named not in fit:
        hint = f"Choose one of: {', '.join(fit)}" if fit else "Add a receiver of kind email"
        yield document.fault(at, f"receivers of kind {kinds[named].kind} do not {use}", hint, of_value=True)


def statement_order(name: str, model: StatementModel) -> StatementOrder:
    return StatementOrder(
        name, tuple(dict.fromkeys(model.to)), model.day, model.by, tuple(dict.fromkeys(model.formats))
    )


def read_invoices(document: Document, sources: Collection[str]) -> tuple[tuple[Invoice, ...], list[Fault]]:
    """Every invoice, or its faults: a source that is none, a month or an amount that cannot be read."""
    invoices, faults = [], []
    for source, months in (document.data.get("invoices") or {}).items():
        at = ("invoices", source)
        if source not in sources:
            hint = did_you_mean(str(source), sources) if sources else "Add it under 'sources:'"
            faults.append(document.fault(at, f"no source '{source}'", hint))
        for month, amounts in (months if isinstance(months, dict) else {}).items():
            try:
                period = parse_month(str(month))
            except InvalidValue as error:
                faults.append(document.fault((*at, month), error.what, error.remedy))
                continue
            totals, found = _totals(document, (*at, month), amounts)
            faults.extend(found)
            invoices.append(Invoice(source, period, totals, document.file))
    return tuple(invoices), faults


def _totals(document: Document, at: tuple[str, ...], amounts: object) -> tuple[tuple[Money, ...], list[Fault]]:
    totals: list[Money] = []
    try:
        for text in amounts if isinstance(amounts, list) else [amounts]:
            total = Money.parse(str(text))
            if any(total.currency == other.currency for other in totals):
                raise InvalidValue(f"two amounts in {total.currency}", "Write their sum")
            totals.append(total)
    except InvalidValue as error:
        return (), [document.fault(at, error.what, error.remedy, of_value=True)]
    return tuple(totals), []
