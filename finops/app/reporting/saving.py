"""A statement's file, whole or not at all, and what a terminal says about it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from finops.errors import BadArguments
from finops.model.statement import Statement
from finops.model.wording import amount_text, count_text


def save(content: bytes, path: Path) -> None:
    """Writes beside ``path`` and moves it there: nobody ever sees half a file. Raises ``BadArguments``."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as aside:
            aside.write(content)
        try:
            Path(aside.name).chmod(0o666 & ~_mask())
            Path(aside.name).replace(path)
        except OSError:
            Path(aside.name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadArguments(
            f"the statement cannot be written ({error.strerror})", where=str(path), remedy="Choose another --out"
        ) from error


def summary(statement: Statement) -> Iterator[str]:
    """Total, standing and invoices, a line each."""
    yield (
        f"{statement.month:%Y-%m}: effective {amount_text(statement.effective, statement.currency)}, "
        f"billed {amount_text(statement.billed, statement.currency)}"
    )
    differing = [bill for bill in statement.bills if bill.agrees is False]
    invoiced = [bill for bill in statement.bills if bill.agrees is not None]
    for bill in differing:
        assert bill.difference is not None  # noqa: S101 - a bill that disagrees has an invoice
        yield f"{bill.source}: bill − invoice = {amount_text(bill.difference, bill.currency)}"
    if len(invoiced) < len(statement.bills):
        missing = len(statement.bills) - len(invoiced)
        yield f"finops.yaml has no invoice for {missing} of {count_text(len(statement.bills), 'bill')}"
    for fault in statement.faults:
        yield f"do not use this statement: {fault}"
    if statement.provisional:
        yield f"provisional: {'; '.join(statement.provisional)}"


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
