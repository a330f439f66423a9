"""What an evaluation was made from, kept so that an audit can repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from finops.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Inputs:
    """``documents``: texts by name (policy files, rates, parts of the configuration), stored once however often named.

    ``values``: everything else, JSON-able (freshness, settings).
    """

    documents: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArchivedFinding:
    """A finding with the inputs of its evaluation."""

    finding: Finding
    evaluation_id: str
    saved_at: datetime
    inputs: Inputs


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """The last snapshot, as bytes, and the moment that it was made."""

    content: bytes
    at: datetime
