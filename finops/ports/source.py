"""Where bills come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

import polars as pl

from finops.ports.lake import Known
from finops.ports.records import Dataset


@dataclass(frozen=True, slots=True)
class Part:
    """One file or page of a bill, as the provider sent it.

    ``name`` is what messages show (a path or URI). ``open`` gives its rows, lazily and unconformed: FOCUS columns
    of any version; every column of a text format is String. ``open`` may be called more than once.

    ``verify`` is called after the rows of the last ``open`` were read, and before they are committed. It says what the
    source itself repaired, by column and kind (``{"SkuPriceId: placeholder": 7}``), and raises ``Transient`` or
    ``RefusedBatch`` when the rows were not all there, or not those that were offered: no commit mixes two deliveries.

    ``billing_period``: every row is of this period, another one's is a fault; None where a part may hold several.
    """

    name: str
    open: Callable[[], pl.LazyFrame]
    verify: Callable[[], Mapping[str, int]] = dict
    billing_period: date | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Only billing periods that start inside: ``first`` inclusive, ``end`` exclusive, None = open."""

    first: date | None = None
    end: date | None = None

    def __contains__(self, billing_period: date) -> bool:
        return (self.first is None or billing_period >= self.first) and (self.end is None or billing_period < self.end)


EVERYTHING = Window()
"""No bound on either side."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source has for one billing period, whole.

    ``billing_period``: the day on which it begins (``finops.model.billing_period``). ``digest`` changes when, and only
    when, the content does.
    A part can hold rows of several billing periods: only those of ``billing_period`` belong to this offer.
    ``manifest`` is kept in the lake's history and handed back in ``Known``: JSON-able, small, without secrets. Where
    the provider counts the rows itself, ``manifest["rows"]`` is that number: ``finops lake reconcile`` compares it.
    ``estimated_from``: the provider itself calls what it bills for this UTC day and later ones an estimate, so that no
    age settles them; a change of it alone has to change the digest, too.
    """

    billing_period: date
    digest: str
    parts: tuple[Part, ...]
    manifest: Mapping[str, object] = field(default_factory=dict)
    estimated_from: date | None = None


@dataclass(frozen=True, slots=True)
class DatasetOffer:
    """Everything that a source has of a FOCUS dataset beside Cost and Usage. ``digest`` changes when, and only when,
    the content does; ``parts`` have any columns of that dataset."""

    dataset: Dataset
    digest: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything a source offers now. ``notes`` are sentences for people (a file left out, a period that vanished).
    ``datasets``: one offer a dataset."""

    offers: tuple[Offer, ...]
    notes: tuple[str, ...] = ()
    datasets: tuple[DatasetOffer, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``finops sources check``: what was tried, whether it went well, what was seen or how to fix it."""

    subject: str
    passed: bool
    detail: str


@dataclass(slots=True)
class Usage:
    """What a source's own calls cost so far in this process."""

    requests: int = 0
    throttled: int = 0
    request_cost_usd: float = 0.0


@runtime_checkable
class LongDiscovery(Protocol):
    """What a source is besides ``Source`` when discovering may take minutes (a backfill, month by month).

    ``doing`` is set by whoever calls ``discover``: it is called with what is done now, in a few words.
    """

    doing: Callable[[str], None]


class Source(Protocol):
    """A bill's provider. Construction does no I/O; errors are those of ``finops.errors``."""

    name: str

    @property
    def kind(self) -> str:
        """As in finops.yaml."""
        ...

    usage: Usage

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        """What there is, by billing period. ``known`` is what the lake holds of this source.

        Offers outside ``window`` are left out by the caller. A source that pays for each period that it looks at asks
        for old ones only where ``window.first`` names them, and leaves out what the window leaves out.
        """
        ...

    def check(self) -> Sequence[Check]:
        """Credentials, permissions, reachability, newest data."""
        ...


@dataclass(frozen=True, slots=True)
class DemandDelivery:
    """A demand series. ``frame``: day (Date), value (Decimal(38, 15)), one String column a dimension.

    A missing day is missing, not zero. ``digest`` changes when, and only when, the content does. ``whole_from``: the
    origin has forgotten what was before this day, so that earlier days stay as the lake has them; None: the frame is
    the whole series.
    """

    frame: pl.DataFrame
    digest: str
    unit: str
    delivered_at: datetime | None = None
    whole_from: date | None = None


class DemandSource(Protocol):
    """Where a demand series (orders, users, requests) comes from."""

    name: str

    @property
    def kind(self) -> str:
        """As in finops.yaml."""
        ...

    def read(self, known_digest: str | None) -> DemandDelivery | None:
        """The series, or None when the digest is still ``known_digest``."""
        ...

    def check(self) -> Sequence[Check]: ...


@runtime_checkable
class DerivedDemand(DemandSource, Protocol):
    """A series that is computed from the bills in the lake, so it is read after them, and anew when they changed."""

    derived_from_costs: Literal[True]
