"""``finops.connect``: the lake as Polars frames, for notebooks and scripts. It only reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path

import polars as pl

from finops.app.clock import SystemClock
from finops.app.open_lake import open_lake, read_config
from finops.config import Config
from finops.errors import BadArguments, NotFound
from finops.model.data_version import DataVersion
from finops.model.secret import Secret
from finops.model.snapshot import Snapshot
from finops.ports.lake import Lake, LakeView
from finops.state.snapshots import latest_snapshot

_TEXTS = ("id", "policy", "kind", "owner", "group", "state", "severity", "reason", "measure", "currency")
_NUMBERS = ("value", "limit")
_FINDINGS = pl.Schema(
    {
        **dict.fromkeys(_TEXTS, pl.String()),
        **dict.fromkeys(_NUMBERS, pl.Float64()),
        "period_start": pl.Date(),
        "period_end": pl.Date(),
        "complete_through": pl.Date(),
        "as_of": pl.Datetime("us", "UTC"),
    }
)

Moment = datetime | str
"""A ``datetime`` with its time zone, or ISO 8601: ``"2026-03-20T06:00:00Z"``; a day alone: its first moment in UTC."""

Versions = DataVersion | Mapping[str, int | None]
"""Versions of the lake's tables that belong together: what a finding's ``data_version`` says."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """What a finops.yaml describes, to be read.

    Every frame is lazy: nothing is read before ``collect()``, and then only the columns and days that are asked for.
    Amounts are ``Decimal(38, 15)`` in the currency beside them; add up no two currencies. Days are UTC, or those of
    ``timezone:``.

    Frames of one table may be asked for as they were: ``as_of`` a moment, or at a ``version`` (a finding's
    ``data_version``), as far back as ``audit:`` keeps them. Every method raises ``NotFound`` for a moment or version
    that the lake does not remember, ``BadArguments`` for both at once or a moment without a zone, and ``AccessDenied``,
    ``Unreachable`` or ``BrokenStore`` from the store.
    """

    config: Config
    _lake: Lake

    def costs(self, *, as_of: Moment | None = None, version: Versions | None = None) -> pl.LazyFrame:
        """Every row of every bill: FOCUS columns, ``x_`` columns, ``source``, ``billing_period`` (Date)."""
        return self._view(as_of, version).costs()

    def costs_daily(self, *, as_of: Moment | None = None, version: Versions | None = None) -> pl.LazyFrame:
        """Costs by day, with what tells them apart.

        ``source``, ``billing_period`` (Date), ``day`` (Date), ``currency``, the four costs, ``rows`` (Int64), the
        low-cardinality FOCUS columns and the configured dimensions (String).
        """
        view = self._view(as_of, version)
        return view.costs_daily().join(view.scopes().drop("source"), on="scope_id", how="left").drop("scope_id")

    def demand(self, *, as_of: Moment | None = None, version: Versions | None = None) -> pl.LazyFrame:
        """``name``, ``day`` (Date), ``value`` (Decimal), ``unit``, ``dimensions`` (JSON text, or ``{}``)."""
        return self._view(as_of, version).demand()

    def emissions(self, *, as_of: Moment | None = None, version: Versions | None = None) -> pl.LazyFrame:
        """``source``, ``day`` (Date), ``grams`` of CO2e (Decimal), FOCUS labels, ``Tags``, the dimensions."""
        return self._view(as_of, version).emissions()

    def commitments(self, *, as_of: Moment | None = None, version: Versions | None = None) -> pl.LazyFrame:
        """What was agreed: FOCUS's Contract Commitment, what bills say of commitments, and the dimensions."""
        return self._view(as_of, version).commitments()

    def invoices(self, *, as_of: Moment | None = None, version: Versions | None = None) -> pl.LazyFrame:
        """What was invoiced: FOCUS's Invoice Detail and Billing Period, sums of the bills by invoice, and what was
        typed into finops.yaml; ``dataset`` tells them apart."""
        return self._view(as_of, version).invoices()

    def findings(self) -> pl.LazyFrame:
        """The verdicts of the service's newest evaluation; no row before the first one.

        Texts (``group`` as ``environment=prod,team=checkout``), ``value`` and ``limit`` (Float64), ``period_start`` and
        ``period_end`` (Date, exclusive), ``complete_through`` (Date), ``as_of``.
        """
        state = self.config.state
        url = state.reveal(self.config.base) if isinstance(state, Secret) else state
        stored = latest_snapshot(url, base=self.config.base)
        findings = Snapshot.from_bytes(stored.content).findings if stored else ()
        rows = [
            {
                **{name: getattr(one, name) for name in (*_TEXTS, *_NUMBERS, "complete_through", "as_of")},
                "group": one.group_label,
                "state": one.state.value,
                "severity": one.severity.value if one.severity else None,
                "period_start": one.period.start,
                "period_end": one.period.end,
            }
            for one in findings
        ]
        return pl.DataFrame(rows, schema=_FINDINGS, orient="row").lazy()

    def _view(self, as_of: Moment | None, version: Versions | None) -> LakeView:
        if as_of is None and version is None:
            return self._lake.at(self._lake.version())
        if version is not None:
            if as_of is not None:
                raise BadArguments("both were given", where="as_of, version", remedy="Pass only one of them")
            return self._lake.at(version if isinstance(version, DataVersion) else DataVersion.from_json(version))
        assert as_of is not None  # noqa: S101 - one of the two is given; this tells the type checker
        moment = _moment(as_of)
        [found] = self._lake.known_at([moment])
        if found is None:
            raise NotFound(
                f"the lake holds no data of {moment:%Y-%m-%d %H:%M} UTC",
                where=self.config.lake_uri,
                remedy="'finops lake status' shows the oldest version; audit: in finops.yaml sets it",
            )
        return self._lake.at(found)


def open_notebook(path: str | PathLike[str]) -> Notebook:
    """Reads finops.yaml; nothing else is touched. Raises ``Malformed`` with every fault of the file."""
    config = read_config(Path(path))
    return Notebook(config, open_lake(config, SystemClock(), config.dimensions, config.timezone))


def _moment(given: Moment) -> datetime:
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        remedy = "Write it like 2026-03-20T06:00:00Z, or a day"
        raise BadArguments(f"'{given}' is not a valid time", where="as_of", remedy=remedy) from None
    if moment.tzinfo is None and isinstance(given, str) and len(given) == len("2026-03-20"):
        return moment.replace(tzinfo=UTC)
    if moment.tzinfo is None:
        raise BadArguments("the moment has no time zone", where="as_of", remedy="Add one: datetime(…, tzinfo=UTC)")
    return moment.astimezone(UTC)
