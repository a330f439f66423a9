"""Source kind ``openai-costs``: the organisation's costs, by project and line item, a row a day.

The shapes are those of OpenAI's own OpenAPI document (https://github.com/openai/openai-openapi): paths
``/organization/costs``, ``/organization/usage/completions``, ``/organization/usage/embeddings`` and
``/organization/projects``, schemas ``CostsResult``, ``UsageCompletionsResult``, ``UsageEmbeddingsResult``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel

from finops.collect.vendors.focus_rows import Seller
from finops.collect.vendors.line import Line, TokenKind
from finops.collect.vendors.openai_line_item import LineItem, read_line_item
from finops.collect.vendors.options import VendorOptions
from finops.collect.vendors.pages import member, number, results, text
from finops.collect.vendors.source import DailyTotals, VendorCosts, optional
from finops.collect.vendors.tokens import TOKENS, with_tokens
from finops.collect.web import Answers, JsonApi
from finops.model.period import Period
from finops.ports.clock import Clock

_COSTS = "/organization/costs"
_USAGE = ("/organization/usage/completions", "/organization/usage/embeddings")
_PROJECTS = "/organization/projects"

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

    default_endpoint: ClassVar[str] = "https://api.openai.com/v1"


class OpenAiCosts(VendorCosts):
    """Amounts are decimals in the currency of the answer. A token quantity comes with the cost where OpenAI states it;
    where it does not, from the usage report of the same day, project and model."""

    kind: ClassVar[str] = "openai-costs"
    Options: ClassVar[type[BaseModel]] = OpenAiCostsOptions

    @classmethod
    def from_options(cls, name: str, options: OpenAiCostsOptions, *, base: Path, clock: Clock) -> OpenAiCosts:
        api = JsonApi(
            where=f"source {name}",
            address=options.address,
            permission=f"Set {options.api_key} to an admin key (sk-admin-…) that may read usage (api.usage.read)",
            headers=lambda: {"Authorization": f"Bearer {options.api_key.reveal(base)}"},
            timeout_seconds=options.timeout_seconds,
        )
        return cls(name, options, api, clock)

    def seller(self, answers: Answers) -> tuple[Seller, tuple[str, ...]]:
        names, notes = optional("projects", "projects stay without names", _projects(answers))
        return Seller("OpenAI", "OpenAI API", self._options.account or self.name, names=names), notes

    def lines(self, answers: Answers, days: Period) -> list[Line]:
        grouped = [("group_by", "project_id"), ("group_by", "line_item")]
        where = f"{self._api.where} ({_COSTS})"
        found = results(answers, _COSTS, [*_between(days, limit=31), *grouped], days)
        lines = [_line(day, result, where) for day, result in found]
        if any(line.counted_as is not None and line.quantity is None for line in lines):
            lines = with_tokens(lines, _counted(answers, days, self._api.where))
        return lines

    def daily_totals(self, answers: Answers, days: Period) -> DailyTotals:
        where = f"{self._api.where} ({_COSTS})"
        for day, result in results(answers, _COSTS, _between(days, limit=31), days):
            amount, currency = _amount(result, where)
            yield day, currency, amount


def _line(day: date, result: Any, where: str) -> Line:
    amount, currency = _amount(result, where)
    said = text(result, "line_item") or "unnamed"
    item = read_line_item(said)
    project = text(result, "project_id")
    quantity, unit = _quantity(result, where)
    plain = item.token_kind is not None and not item.details
    return Line(
        day=day,
        amount=amount,
        currency=currency,
        description=said,
        sub_account=project,
        sku=item.sku,
        price=said,
        model=item.model,
        token_kind=item.token_kind,
        details=item.details,
        quantity=quantity,
        unit=unit,
        counted_as=_key(day, project, item) if plain else None,
    )


def _amount(result: Any, where: str) -> tuple[Decimal, str]:
    amount = member(result, "amount", dict, where)
    return number(amount, "value", where), member(amount, "currency", str, where).upper()


def _quantity(result: Any, where: str) -> tuple[Decimal | None, str | None]:
    said = text(result, "quantity_unit")
    if result.get("quantity") is None or said is None:
        return None, None
    unit, each = _UNITS.get(said, (said, 1))
    return number(result, "quantity", where) * each, unit


def _key(day: date, project: str | None, item: LineItem) -> Hashable:
    return day, project, item.model, item.token_kind


def _counted(answers: Answers, days: Period, where: str) -> dict[Hashable, Decimal]:
    """Tokens by day, project, model and kind. Cached input is counted within input, and taken out of it."""
    counted: dict[Hashable, Decimal] = defaultdict(Decimal)
    for path in _USAGE:
        grouped = [("group_by", "project_id"), ("group_by", "model")]
        for day, result in results(answers, path, [*_between(days, limit=31), *grouped], days):
            for kind, tokens in _kinds(result, f"{where} ({path})").items():
                counted[day, text(result, "project_id"), text(result, "model"), kind] += tokens
    return counted


def _kinds(result: Any, where: str) -> dict[TokenKind, Decimal]:
    def of(name: str) -> Decimal:
        return number(result, name, where) if result.get(name) is not None else Decimal(0)

    read, written = of("input_cached_tokens"), of("input_cache_write_tokens")
    uncached = result.get("input_uncached_tokens")
    fresh = of("input_uncached_tokens") if uncached is not None else of("input_tokens") - read - written
    return {"input": fresh, "output": of("output_tokens"), "cache_read": read, "cache_write": written}


def _projects(answers: Answers) -> Iterator[tuple[str, str]]:
    """Id and name of every project, archived ones too: old bills name them."""
    where = f"{answers.api.where} ({_PROJECTS})"
    after: list[tuple[str, str]] = []
    while True:
        answer = answers.get(_PROJECTS, [("limit", "100"), ("include_archived", "true"), *after])
        projects = member(answer, "data", list, where)
        for project in projects:
            yield member(project, "id", str, where), text(project, "name") or ""
        if not projects or not member(answer, "has_more", bool, where):
            return
        after = [("after", member(projects[-1], "id", str, where))]


def _between(days: Period, *, limit: int) -> list[tuple[str, str]]:
    start, end = (int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) for day in (days.start, days.end))
    return [("start_time", str(start)), ("end_time", str(end)), ("bucket_width", "1d"), ("limit", str(limit))]
