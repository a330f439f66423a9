"""Where published facts become bytes: metrics once a snapshot, pages when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from finops.model.family import Family
from finops.model.kind_profile import Profiles
from finops.model.period import Period
from finops.model.snapshot import Snapshot
from finops.model.statement import Statement
from finops.model.verdict_day import Episode, VerdictDay
from finops.ports.pages import PageFacts, PageRequest


class NoOptions(BaseModel):
    """Of an exporter that needs none."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Body:
    """The same bytes, plain and as one gzip stream."""

    content_type: str
    plain: bytes
    gzip: bytes


@dataclass(frozen=True, slots=True)
class Exposition:
    """One page of metrics in both formats that scrapers ask for."""

    text: Body
    openmetrics: Body


class RenderedFamilies(Protocol):
    """The big part of a metrics page: rendered and compressed once."""

    def exposition(self, operational: Sequence[Family]) -> Exposition:
        """The whole page: this part as it is, the (few) operational families behind it."""
        ...


class MetricsExporter(Protocol):
    def render(self, families: Sequence[Family]) -> RenderedFamilies: ...


@dataclass(frozen=True, slots=True)
class Document:
    """A page or a file for people's browsers.

    ``lasting``: it says the same to every reader until something new is published, and may be kept until then.
    """

    content_type: str
    body: bytes
    status: int = 200
    lasting: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """Policies that are not live, as they would be shown. ``snapshot``: their verdicts, without metrics. ``days`` and
    ``alerts``: the ``period`` before, and what would have been sent in it, by a finding's ``anchor``.
    ``billed_through``: the newest day of any bill, None without one. ``lake_faults``: what was not counted.
    ``service_url``: where the service's own pages are, for links to costs; empty where that is not known.
    """

    snapshot: Snapshot
    days: Mapping[str, Sequence[VerdictDay]]
    alerts: Mapping[str, Sequence[Episode]]
    period: Period
    billed_through: date | None
    lake_faults: tuple[str, ...] = ()
    service_url: str = ""


class FilesExporter(Protocol):
    """What others load, as files: dashboards, rules. The same arguments give the same bytes."""

    def files(self, service_url: str, profiles: Profiles) -> Mapping[str, bytes]:
        """Relative path -> content; ``service_url`` is where people reach the service's pages, ``profiles`` what the
        policy kinds declare."""
        ...


class RenderedPages(Protocol):
    """Pages of one snapshot. Safe to ask from several threads."""

    def page(self, request: PageRequest, facts: PageFacts) -> Document | None:
        """The page at a path, quickly; None where there is none. Raises what ``facts`` raises."""
        ...

    def chart(self, place: str, name: str, query: Mapping[str, str]) -> Document | None:
        """The drawing ``name`` of the finding with the anchor ``place``: a tenth of a second where it is new."""
        ...


class PagesExporter(Protocol):
    @property
    def paths(self) -> Sequence[str]:
        """Every page's address, ``/policies/{name}``: requests for others never reach ``RenderedPages.page``."""
        ...

    def render(self, snapshot: Snapshot | None, profiles: Profiles) -> RenderedPages:
        """``None``: nothing has been evaluated yet; the page says so."""
        ...

    def draft(self, draft: Draft, profiles: Profiles) -> Iterator[tuple[str, bytes]]:
        """File name -> content of pages that work without a service: ``index.html``, one a verdict, their charts."""
        ...

    def assets(self) -> Mapping[str, Document]:
        """Path -> style sheet, icon: the same for every snapshot."""
        ...


class StatementExporter(Protocol):
    """A class behind an entry point of the group ``finops.statements``, called as its format is (``html``)."""

    def render(self, statement: Statement) -> Document:
        """The same statement gives the same bytes."""
        ...
