"""What the rest of the program reads: finops.yaml, checked and resolved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from finops.config.file_model import EngineModel, RatesFile
from finops.config.http_model import Http
from finops.model.allocation import Allocation
from finops.model.calendar import NO_CALENDAR, Calendar
from finops.model.dimension import Dimension
from finops.model.invoice import Invoice
from finops.model.route import Route
from finops.model.secret import Secret
from finops.model.statement_order import StatementOrder
from finops.model.team import Team
from finops.objectstore.bounds import InputLimits


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source as configured: ``factory`` is the class behind its kind; ``reconcile`` names another source of the
    same costs."""

    name: str
    kind: str
    every: timedelta
    options: BaseModel
    factory: Any
    reconcile: str | None = None


@dataclass(frozen=True, slots=True)
class DemandEntry:
    """``currency``: of a series in money, from ``value:``; empty for demand."""

    name: str
    kind: str
    every: timedelta
    unit: str
    options: BaseModel
    factory: Any
    currency: str = ""


@dataclass(frozen=True, slots=True)
class ReceiverEntry:
    name: str
    kind: str
    options: BaseModel
    factory: Any


@dataclass(frozen=True, slots=True)
class Config:
    """``base`` is the folder of finops.yaml: relative paths count from it. ``demand``: and ``value:``."""

    path: Path
    base: Path
    policies: tuple[str, ...]
    lake_uri: str
    lake_endpoint: str | None
    state: str | Secret
    currency: str
    rates: RatesFile | None
    timezone: ZoneInfo
    fiscal_year_starts: int
    settling: timedelta
    audit: timedelta
    evaluate_every: timedelta
    engine: EngineModel
    ingest_memory_bytes: int
    input_limits: InputLimits
    http: Http
    max_series: int
    sources: tuple[SourceEntry, ...]
    demand: tuple[DemandEntry, ...]
    emissions: tuple[SourceEntry, ...]
    dimensions: tuple[Dimension, ...]
    receivers: tuple[ReceiverEntry, ...]
    routes: tuple[Route, ...]
    invoices: tuple[Invoice, ...] = ()
    statements: tuple[StatementOrder, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    teams: tuple[Team, ...] = ()
    calendar: Calendar = NO_CALENDAR

    @property
    def state_url(self) -> str:
        """Raises ``AccessDenied`` where the secret that holds it cannot be read."""
        return self.state.reveal(self.base) if isinstance(self.state, Secret) else self.state

    @property
    def policy_paths(self) -> tuple[Path, ...]:
        """Files, folders and patterns of the policies, from the root of the file system."""
        return tuple(self.base / pattern for pattern in self.policies)

    @property
    def demand_names(self) -> tuple[str, ...]:
        """Series of ``demand:``, and those that allocations bring along."""
        return tuple(entry.name for entry in self.demand if not entry.currency)

    @property
    def value_currencies(self) -> dict[str, str]:
        """Series of ``value:`` -> currency."""
        return {entry.name: entry.currency for entry in self.demand if entry.currency}

    @property
    def dimension_names(self) -> tuple[str, ...]:
        return tuple(dimension.name for dimension in self.dimensions)
