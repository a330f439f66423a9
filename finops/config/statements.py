"""``statements:`` of finops.yaml: whether those who shall get one can take files."""

from __future__ import annotations

from collections.abc import Sequence

from finops.config.entries import Entry
from finops.config.file_model import ConfigFile, StatementModel
from finops.documents import Document, Fault, did_you_mean
from finops.model.columns import Columns
from finops.model.statement_order import StatementOrder
from finops.ports.documents import DocumentReceiver


def statement_faults(
    document: Document, model: ConfigFile, receivers: Sequence[Entry], columns: Columns
) -> list[Fault]:
    """A receiver that is none or takes no files, a dimension that is none."""
    kinds = {entry.name: entry for entry in receivers}
    takers = [name for name, entry in kinds.items() if issubclass(entry.factory, DocumentReceiver)]
    faults = []
    for name, order in model.statements.items():
        for position, receiver in enumerate(order.to):
            at = ("statements", name, "to", position)
            if receiver not in model.receivers:
                hint = did_you_mean(receiver, model.receivers) if model.receivers else "Add it under 'receivers:'"
                faults.append(document.fault(at, f"no receiver '{receiver}'", hint))
            elif receiver in kinds and receiver not in takers:
                hint = f"Choose one of: {', '.join(takers)}" if takers else "Add a receiver of kind email"
                faults.append(document.fault(at, f"the kind {kinds[receiver].kind} takes no files", hint))
        if order.by is not None and order.by not in columns.dimensions:
            known = sorted(columns.dimensions)
            hint = did_you_mean(order.by, known) if known else "Add it under 'dimensions:'"
            faults.append(document.fault(("statements", name, "by"), f"no dimension '{order.by}'", hint, of_value=True))
    return faults


def statement_order(name: str, model: StatementModel) -> StatementOrder:
    return StatementOrder(
        name, tuple(dict.fromkeys(model.to)), model.day, model.by, tuple(dict.fromkeys(model.formats))
    )
