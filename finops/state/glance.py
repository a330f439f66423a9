"""A look at a state that somebody else runs: nothing is made, upgraded or written."""

from __future__ import annotations

from pathlib import Path

from finops.model.archive import StoredSnapshot
from finops.state.address import Address
from finops.state.database import Database
from finops.state.snapshots import Snapshots


def latest_snapshot(url: str, *, base: Path) -> StoredSnapshot | None:
    """The newest snapshot; None where there is none, or no state yet. Raises what ``open_state`` raises."""
    address = Address.parse(url, base=base)
    if address.file is not None and not address.file.exists():
        return None
    database = Database(address)
    try:
        return Snapshots(database).latest()
    finally:
        database.close()
