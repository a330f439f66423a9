"""Source kind ``openai-costs``: the organisation's costs, by project, line item and principal, a row a day.

The shapes are those of OpenAI's own OpenAPI document (https://github.com/openai/openai-openapi): paths
``/organization/costs``, ``/organization/usage/completions``, ``/organization/usage/embeddings``,
``/organization/projects`` and ``/organization/users``, schemas ``CostsResult``, ``UsageCompletionsResult``,
``UsageEmbeddingsResult``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, Field

from finops.collect.vendors.focus_rows import Seller
from finops.collect.vendors.line import TOKENS, Line, category_of, with_tokens
from finops.collect.vendors.openai_usage import tokens_by_kind
from finops.collect.vendors.options import VendorOptions
from finops.collect.vendors.pages import member, number, results, text
from finops.collect.vendors.source import DailyTotals, VendorCosts, optional
from finops.http_client import Answers, JsonApi
from finops.meters import Meter, read_meter
from finops.model.period import Period
from finops.ports.clock import Clock

_COSTS = "/organization/costs"
_USAGE: Mapping[str, tuple[str, ...]] = {
    "/organization/usage/completions": ("project_id", "model", "batch", "service_tier"),
    "/organization/usage/embeddings": ("project_id", "model"),
}
"""What is counted where, and by what it can be grouped."""

_PROJECTS = "/organization/projects"
_USERS = "/organization/users"
_NOT_SAID = "not said"
"""The tier of usage that is not split by tier."""

_STANDARD = {"default", "auto", "standard"}
_KIND_WORDS = {"cache_read": "cached input", "cache_write": "cache writes"}

_UNITS: dict[str, tuple[str, int]] = {
    "tokens": (TOKENS, 1),
    "1000_tokens": (TOKENS, 1000),
    "duration_seconds": ("Seconds", 1),
    "duration_minutes": ("Minutes", 1),
    "duration_hours": ("Hours", 1),
    "gibibyte_hours": ("GiB-Hours", 1),
    "images": ("Images", 1),
    "characters": ("Characters", 1),
}
"""``quantity_unit`` -> FOCUS's word for it, and how many of it one is."""


class OpenAiCostsOptions(VendorOptions):
    """An organisation's bill from OpenAI."""

    principal: Literal["api_key", "user", "none"] = Field(
        default="api_key",
        description="Who becomes x_Principal: the API key, the user, or nobody (fewer rows). "
        "Not every organisation may split the costs of its projects by user",
    )

    default_endpoint: ClassVar[str] = "https://api.openai.com/v1"

    @property
    def principal_column(self) -> str | None:
        return None if self.principal == "none" else f"{self.principal}_id"


class _Key(NamedTuple):
    """What tokens are counted by. ``tier`` None: the standard one."""

    day: date
    project: str | None
    principal: str | None
    model: str
    kind: str
    tier: str | None


class OpenAiCosts(VendorCosts):
    """Amounts are decimals in the currency of the answer. A token quantity comes with the cost where OpenAI states it;
    where it does not, from the usage report of the same day, project, principal, model and tier."""

    kind: ClassVar[str] = "openai-costs"
    Options: ClassVar[type[BaseModel]] = OpenAiCostsOptions

    @classmethod
    def from_options(cls, name: str, options: OpenAiCostsOptions, *, base: Path, clock: Clock) -> OpenAiCosts:
        api = JsonApi(
            where=f"source {name}",
            address=options.address,
            permission=f"Set {options.api_key} to an admin key (sk-admin-…) with access to usage (api.usage.read)",
            headers=lambda: {"Authorization": f"Bearer {options.api_key.reveal(base)}"},
            timeout_seconds=options.timeout_seconds,
        )
        return cls(name, options, api, clock)

    def __init__(self, name: str, options: OpenAiCostsOptions, api: JsonApi, clock: Clock) -> None:
        super().__init__(name, options, api, clock)
        self._principal = options.principal_column
        self._users: Mapping[str, str] = {}

    def seller(self, answers: Answers) -> tuple[Seller, tuple[str, ...]]:
        projects = _listed(answers, _PROJECTS, "name", [("include_archived", "true")])
        names, notes = optional("projects", "projects are shown without names", projects)
        if self._principal == "user_id":
            users = _listed(answers, _USERS, "email", [])
            self._users, unnamed = optional("users", "x_Principal is a user ID, not an email address", users)
            notes += unnamed
        return Seller("OpenAI", "OpenAI API", self._options.account or self.name, names=names), notes

    def lines(self, answers: Answers, days: Period) -> list[Line]:
        by = ["project_id", "line_item", *([self._principal] if self._principal else [])]
        grouped = [("group_by", name) for name in by]
        where = f"{self._api.where} ({_COSTS})"
        found = results(answers, _COSTS, [*_between(days, limit=31), *grouped], days)
        lines = [self._line(day, result, where) for day, result in found]
        if any(line.counted_as is not None and line.quantity is None for line in lines):
            lines = with_tokens(lines, _settled(lines, self._counted(answers, days)))
        return lines

    def _line(self, day: date, result: Any, where: str) -> Line:
        amount, currency = _amount(result, where)
        said = text(result, "line_item") or "unnamed"
        meter = read_meter(said, of_tokens=True)
        project, principal = text(result, "project_id"), self._principal_of(result)
        quantity, unit = _quantity(result, where)
        line = Line(day, amount, currency, said, project, said, said, principal=principal, quantity=quantity, unit=unit)
        line = replace(line, category=category_of(said, amount))
        if meter is None or meter.model is None:
            return line
        kind = meter.kind if meter.modality == "text" else meter.kind.removeprefix(f"{meter.modality}_")
        return replace(
            line,
            sku=f"{meter.model}, {_KIND_WORDS.get(kind, kind)}",
            model=meter.model,
            token_kind=meter.kind,
            tier=meter.tier,
            details=_details(meter),
            counted_as=_Key(day, project, principal, meter.model, meter.kind, _known_tier(meter.tier)),
        )

    def _counted(self, answers: Answers, days: Period) -> dict[_Key, Decimal]:
        counted: dict[_Key, Decimal] = defaultdict(Decimal)
        for path, columns in _USAGE.items():
            by = [*columns, *([self._principal] if self._principal else [])]
            grouped = [("group_by", name) for name in by]
            where = f"{self._api.where} ({path})"
            for day, result in results(answers, path, [*_between(days, limit=31), *grouped], days):
                model = (text(result, "model") or "").lower()
                said = (day, text(result, "project_id"), self._principal_of(result), model)
                for kind, tokens in tokens_by_kind(result, where).items():
                    counted[_Key(*said, kind, _tier_of(result))] += tokens
        return counted

    def _principal_of(self, result: Any) -> str | None:
        found = text(result, self._principal) if self._principal else None
        return self._users.get(found, found) if found else None

    def daily_totals(self, answers: Answers, days: Period) -> DailyTotals:
        where = f"{self._api.where} ({_COSTS})"
        for day, result in results(answers, _COSTS, _between(days, limit=31), days):
            amount, currency = _amount(result, where)
            yield day, currency, amount


def _amount(result: Any, where: str) -> tuple[Decimal, str]:
    amount = member(result, "amount", dict, where)
    return number(amount, "value", where), member(amount, "currency", str, where).upper()


def _quantity(result: Any, where: str) -> tuple[Decimal | None, str | None]:
    said = text(result, "quantity_unit")
    if result.get("quantity") is None or said is None:
        return None, None
    unit, each = _UNITS.get(said, (said, 1))
    return number(result, "quantity", where) * each, unit


def _details(meter: Meter) -> dict[str, str]:
    said = {
        "x_ServiceTier": meter.tier,
        "x_Modality": None if meter.modality == "text" else meter.modality,
        "x_ContextWindow": "long context" if meter.long_context else None,
    }
    return {name: value for name, value in said.items() if value}


def _known_tier(said: str | None) -> str | None:
    return None if said is None or said.lower() in _STANDARD else said.lower()


def _tier_of(result: Any) -> str | None:
    """The tier of a usage result; ``_NOT_SAID`` where the interface did not split by it."""
    tier = text(result, "service_tier")
    if result.get("batch") is True:
        return "batch"
    return _NOT_SAID if tier is None and result.get("batch") is None else _known_tier(tier)


def _settled(lines: Sequence[Line], counted: Mapping[_Key, Decimal]) -> dict[Hashable, Decimal]:
    """``counted`` by the keys of ``lines``. What was not split by tier belongs to the one line that it can be of."""
    tiers: dict[_Key, set[str | None]] = defaultdict(set)
    for line in lines:
        if isinstance(line.counted_as, _Key):
            tiers[line.counted_as._replace(tier=_NOT_SAID)].add(line.counted_as.tier)
    settled: dict[Hashable, Decimal] = defaultdict(Decimal)
    for key, tokens in counted.items():
        if key.tier != _NOT_SAID:
            settled[key] += tokens
        elif len(tiers[key]) == 1:
            settled[key._replace(tier=next(iter(tiers[key])))] += tokens
    return settled


def _listed(answers: Answers, path: str, named: str, more: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Id and name of everything under ``path``, archived projects too: old bills name them."""
    where = f"{answers.api.where} ({path})"
    after: list[tuple[str, str]] = []
    while True:
        answer = answers.get(path, [("limit", "100"), *more, *after])
        found = member(answer, "data", list, where)
        for one in found:
            yield member(one, "id", str, where), text(one, named) or ""
        if not found or not member(answer, "has_more", bool, where):
            return
        after = [("after", member(found[-1], "id", str, where))]


def _between(days: Period, *, limit: int) -> list[tuple[str, str]]:
    start, end = (int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) for day in (days.start, days.end))
    return [("start_time", str(start)), ("end_time", str(end)), ("bucket_width", "1d"), ("limit", str(limit))]
