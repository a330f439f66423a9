"""The shape of finops.yaml. What belongs to a kind (source, demand, receiver) is checked by that kind's own Options."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from finops.config.http_model import Http
from finops.config.quantities import Duration, Size
from finops.config.strict import Strict
from finops.documents import did_you_mean
from finops.errors import BadArguments, InvalidValue
from finops.model.calendar import countries, subdivisions
from finops.model.currency import check_currency
from finops.model.secret import Secret
from finops.objectstore.location import Location

_LEAST_MEMORY = 256 * 1024**2
_DATABASE_URL = re.compile(r"(?P<driver>[\w+]+)://(?:[^:/]*(?::(?P<password>[^@]*))?@)?")
"""The beginning of what SQLAlchemy takes for a URL, which takes too long to import for one look at a file."""
_LAKE_SCHEMES = frozenset({"file", "s3", "s3a", "abfss", "abfs"})


_A_COUNTRY = "Write its ISO 3166-1 alpha-2 code, like DE"


class RatesFile(Strict):
    """Dated exchange rates from a file."""

    source: Literal["ecb-file"] = Field(description="File format: the ECB's history of euro reference rates")
    path: str = Field(description="Path of the CSV file, relative to finops.yaml", examples=["./rates.csv"])


class Exporter(Strict):
    """The Prometheus exporter."""

    max_series: int = Field(
        default=10_000, ge=10, description="Maximum number of series of a cost family; the smallest are summed"
    )


class Ingest(Strict):
    """How bills are written into the lake."""

    memory: Size = Field(
        default=1024**3,
        description="Memory for writing the rows of a collection, at least 256MiB; up to four write at once",
    )

    max_row: Size = Field(
        default=16 * 1024**2, description="Longest row of a bill; of Parquet, the mean of a row group"
    )
    max_file: Size = Field(default=64 * 1024**3, description="Most bytes of one file of a bill, unpacked")

    @field_validator("memory")
    @classmethod
    def _enough(cls, size_bytes: int) -> int:
        if size_bytes < _LEAST_MEMORY:
            raise InvalidValue("the size is too small for writing rows", "Allow at least 256MiB")
        return size_bytes


class LakeStore(Strict):
    """An object store that needs an endpoint of its own."""

    uri: str = Field(examples=["s3://bucket/prefix", "abfss://container@account/prefix"])
    endpoint: str | None = Field(default=None, description="URL of a compatible server")


class EngineModel(Strict):
    """Where scans of the lake, its rollup and the reading of files run."""

    kind: Literal["local", "spark"] = Field(
        default="local", description="polars (this process) or spark (an Apache Spark cluster; needs the extra 'spark')"
    )
    master: str | None = Field(
        default=None, description="Spark master (kind spark only)", examples=["spark://host:7077", "yarn", "local[2]"]
    )
    options: dict[str, str | int | bool] = Field(
        default_factory=dict,
        description="Settings of the Spark session",
        examples=[{"spark.executor.memory": "2g", "spark.pyspark.python": "/opt/finops/bin/python"}],
    )

    @property
    def texts(self) -> dict[str, str]:
        """``options`` as Spark writes them."""
        return {
            key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in self.options.items()
        }

    @model_validator(mode="after")
    def _fits_its_kind(self) -> EngineModel:
        if self.kind == "spark" and not self.master:
            raise InvalidValue("the key 'master' is missing", "Write it like spark://host:7077, yarn or local[2]")
        if self.kind == "local" and (self.master or self.options):
            raise InvalidValue("'master' and 'options' require kind: spark", "Set kind: spark, or remove them")
        foreign = sorted(key for key in self.options if not key.startswith("spark."))
        if foreign:
            raise InvalidValue(f"'{foreign[0]}' is not a Spark setting", "Settings start with 'spark.'")
        return self


class RouteModel(Strict):
    """Who hears of what. The first route that matches takes the alert, unless it says ``continue: true``."""

    match: dict[str, str | list[str]] = Field(
        default_factory=dict, description="severity, kind, owner, policy or a group's dimension; all must match"
    )
    to: list[str] = Field(min_length=1, description="Names of receivers")
    repeat: Duration = Field(
        default=timedelta(hours=24), description="Interval of repeated notifications while it fires"
    )
    continue_: bool = Field(default=False, alias="continue", description="Continue with the following routes")


class CalendarModel(Strict):
    """Public holidays: a group whose past holidays were unlike their weekdays is expected to be so on the next."""

    country: str = Field(description="ISO 3166-1 alpha-2 code", examples=["DE"])
    subdivision: str = Field(default="", description="State or region of the country", examples=["BY"])

    @field_validator("country")
    @classmethod
    def _known_country(cls, code: str) -> str:
        known = countries()
        if code not in known:
            raise InvalidValue(f"unknown country '{code}'", did_you_mean(code, known, otherwise=_A_COUNTRY))
        return code

    @field_validator("subdivision")
    @classmethod
    def _known_subdivision(cls, code: str, info: ValidationInfo) -> str:
        country = info.data.get("country")
        if country is None or not code:
            return code  # the country is the fault, or all of it is meant
        known = subdivisions(country)
        if code not in known:
            hint = did_you_mean(code, known) if known else "Remove it: the holidays are the same everywhere"
            raise InvalidValue(f"{country} has no subdivision '{code}'", hint)
        return code


class StatementModel(Strict):
    """On a day of each month the statement of the month before is sent."""

    to: list[str] = Field(min_length=1, description="Receivers that accept files (kind email)")
    day: int = Field(default=5, ge=1, le=28, description="Day of the month to send it on, or as soon as possible after")
    by: str | None = Field(default=None, description="Dimension to group by; default: the first one")
    formats: list[Literal["html", "xlsx", "csv"]] = Field(
        default=["html", "xlsx"], min_length=1, description="Formats to attach"
    )


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
"""In the order of ``date.weekday``."""


class DigestModel(Strict):
    """What changed for a team and what it should do, mailed to its owners once a week."""

    receiver: str = Field(description="Receiver of kind email whose server and sender are used")
    weekday: Weekday = Field(default="monday", description="Day to send it on, or as soon as possible after")


class TeamModel(Strict):
    """A value of the dimension ``team``: who answers for it, and where its costs are booked."""

    cost_centre: str = Field(default="", description="Where its costs are booked", examples=["4711"])
    owners: list[str] = Field(default_factory=list, description="People who answer for it")
    receivers: list[str] = Field(
        default_factory=list, description="Receivers of its monthly bill, that accept files (kind email)"
    )
    digest: DigestModel | None = Field(default=None, description="Weekly digest for the owners; default: none")


_ONE_TOTAL = {"type": "string", "pattern": r"^\s*[+-]?\d[\d_]*(\.\d+)?\s*[A-Z]{3}\s*$"}
InvoiceTotals = Annotated[Any, WithJsonSchema({"anyOf": [_ONE_TOTAL, {"type": "array", "items": _ONE_TOTAL}]})]
"""Read by ``finops.config.references``, whose faults speak of months and amounts."""


class ConfigFile(Strict):
    """finops.yaml"""

    apiVersion: Literal["finops/v1"]  # noqa: N815 - the contract's own spelling
    policies: str | list[str] = Field(description="Files, directories or globs of policy files")
    lake: str | LakeStore = Field(description="A directory, s3://bucket/prefix or abfss://container@account/prefix")
    state: str | Secret = Field(
        default="sqlite:///var/state.db", description="sqlite:///path, or a reference to a postgresql+psycopg:// URL"
    )
    currency: Annotated[str, AfterValidator(check_currency)] = Field(
        pattern=r"^[A-Z]{3}$", description="Reporting currency", examples=["EUR"]
    )
    rates: RatesFile | None = None
    timezone: str = Field(default="UTC", description="Time zone of days, as an IANA name", examples=["Europe/Zurich"])
    fiscal_year_starts: int = Field(default=1, ge=1, le=12, description="Month in which the fiscal year starts")
    calendar: CalendarModel | None = Field(
        default=None,
        description="Public holidays that forecasts and anomaly detection know",
        examples=[{"country": "DE", "subdivision": "BY"}],
    )
    settling: Duration = Field(default=timedelta(hours=48), description="Days younger than this are provisional")
    audit: Duration = Field(default=timedelta(days=400), description="How long every data version is kept")
    evaluate_every: Duration = Field(
        default=timedelta(hours=1),
        description="Maximum interval between evaluations; also evaluated after each collection",
    )
    engine: EngineModel = Field(default_factory=EngineModel)
    ingest: Ingest = Field(default_factory=Ingest)
    http: Http = Field(default_factory=Http)
    exporter: Exporter = Field(default_factory=Exporter)
    sources: dict[str, dict[str, Any]] = Field(default_factory=dict)
    demand: dict[str, dict[str, Any]] = Field(default_factory=dict)
    value: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Series in money, such as revenue, of the kinds of demand series, each with its currency",
    )
    emissions: dict[str, dict[str, Any]] = Field(default_factory=dict)
    dimensions: dict[str, list[dict[str, Any]]] = Field(default_factory=dict)
    allocations: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Rules that move shared costs to those who use what they pay for, in order"
    )
    teams: dict[str, TeamModel] = Field(
        default_factory=dict,
        description="Teams by their value of the dimension 'team'",
        examples=[{"checkout": {"cost_centre": "4711", "owners": ["team-checkout@example.com"]}}],
    )
    receivers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    routes: list[RouteModel] = Field(default_factory=list)
    statements: dict[str, StatementModel] = Field(
        default_factory=dict,
        description="Monthly statements to send automatically; 'finops report' writes one at any time",
        examples=[{"monthly": {"to": ["finance"], "day": 5}}],
    )
    invoices: dict[str, dict[str, InvoiceTotals]] = Field(
        default_factory=dict,
        description="Invoice totals by source and month, one per currency; compared by 'finops lake reconcile'",
        examples=[{"aws-prod": {"2026-10": "1234.56 USD"}}],
    )

    @field_validator("lake")
    @classmethod
    def _takes_a_lake(cls, lake: str | LakeStore) -> str | LakeStore:
        """Writers at the same time need a store whose commits are known to exclude each other."""
        scheme, separator, _ = (lake.uri if isinstance(lake, LakeStore) else lake).partition("://")
        if separator and scheme not in _LAKE_SCHEMES:
            raise InvalidValue(
                f"a lake in {scheme}:// is not supported",
                "Write a directory, s3://bucket/prefix or abfss://container@account/prefix",
            )
        try:
            Location.parse(lake.uri if isinstance(lake, LakeStore) else lake, base=Path())
        except BadArguments as error:
            raise InvalidValue(error.what, error.remedy) from error
        return lake

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name that no file can have
            raise InvalidValue(f"unknown time zone '{name}'", "Write an IANA name like 'Europe/Zurich'") from None
        return name

    @field_validator("state")
    @classmethod
    def _no_password_inline(cls, state: str | Secret) -> str | Secret:
        if isinstance(state, Secret):
            return state
        url = _DATABASE_URL.match(state)
        if url is None:
            raise InvalidValue("this is not a database URL", "Write sqlite:///var/state.db")
        if url["password"]:
            raise InvalidValue("a password must not be written inline", "Write {env: STATE_URL} or {file: PATH}")
        if url["driver"] not in {"sqlite", "postgresql+psycopg"}:
            raise InvalidValue(
                f"unknown database '{url['driver']}'", "Write sqlite:///path or postgresql+psycopg://user@host/name"
            )
        if url["driver"] == "sqlite" and state[url.end() :].split("?")[0].lstrip("/") in {"", ":memory:"}:
            raise InvalidValue("an SQLite state needs a file", "Write sqlite:///var/state.db")
        return state
