"""Source kind ``anthropic-costs``: the organisation's cost report, by workspace and description, a row a day.

Shapes: https://platform.claude.com/docs/en/api/admin/cost_report and …/admin/usage_report (``results`` of daily
buckets; ``amount`` is a decimal text in the **lowest unit** of the currency: "123.45" in USD is $1.2345).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel

from finops.collect.vendors.focus_rows import Seller
from finops.collect.vendors.line import Line
from finops.collect.vendors.options import VendorOptions
from finops.collect.vendors.pages import member, number, results, text
from finops.collect.vendors.source import DailyTotals, VendorCosts, optional
from finops.collect.vendors.tokens import with_tokens
from finops.errors import AccessDenied, RefusedBatch
from finops.http_client import Answers, JsonApi
from finops.model.period import Period
from finops.ports.clock import Clock

_COSTS = "/v1/organizations/cost_report"
_USAGE = "/v1/organizations/usage_report/messages"
_WORKSPACES = "/v1/organizations/workspaces"
_ORGANISATION = "/v1/organizations/me"
_DEFAULT = "default"
"""The interface names every workspace but the default one, which is null."""

_MINOR_UNITS = Decimal(100)
"""Cents to the dollar. The report's currency is always USD, so far; another one is refused."""

_KINDS: Mapping[str, str] = {
    "uncached_input_tokens": "input",
    "output_tokens": "output",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write",
}
_DETAILS = {"service_tier": "x_ServiceTier", "context_window": "x_ContextWindow", "inference_geo": "x_InferenceGeo"}
_COUNTED_BY = ("model", "service_tier", "context_window")
_NO_GEO = "not_available"


class AnthropicCostsOptions(VendorOptions):
    """An organisation's bill from Anthropic."""

    default_endpoint: ClassVar[str] = "https://api.anthropic.com"


class AnthropicCosts(VendorCosts):
    """Costs come from the cost report, token quantities from the usage report of the same day, workspace, model,
    service tier, context window and place of inference."""

    kind: ClassVar[str] = "anthropic-costs"
    Options: ClassVar[type[BaseModel]] = AnthropicCostsOptions

    @classmethod
    def from_options(cls, name: str, options: AnthropicCostsOptions, *, base: Path, clock: Clock) -> AnthropicCosts:
        api = JsonApi(
            where=f"source {name}",
            address=options.address,
            permission=f"Set {options.api_key} to an admin key (sk-ant-admin…) of the organisation",
            headers=lambda: {"x-api-key": options.api_key.reveal(base), "anthropic-version": "2023-06-01"},
            timeout_seconds=options.timeout_seconds,
        )
        return cls(name, options, api, clock)

    def seller(self, answers: Answers) -> tuple[Seller, tuple[str, ...]]:
        names, notes = optional("workspaces", "workspaces stay without names", _workspaces(answers))
        account, account_name = self._options.account or self.name, None
        try:
            organisation = answers.get(_ORGANISATION, [])
            account = self._options.account or text(organisation, "id") or account
            account_name = text(organisation, "name")
        except AccessDenied:
            notes = (*notes, f"the billing account is called {account}: the key may not read the organisation")
        names[_DEFAULT] = names.get(_DEFAULT, "Default Workspace")
        return Seller("Anthropic", "Claude API", account, account_name, "Workspace", names), notes

    def lines(self, answers: Answers, days: Period) -> list[Line]:
        where = f"{self._api.where} ({_COSTS})"
        grouped = [("group_by[]", "workspace_id"), ("group_by[]", "description")]
        found = results(answers, _COSTS, [*_between(days), *grouped], days, and_beyond=days.end)
        lines = [_line(day, result, where) for day, result in found]
        if any(line.counted_as is not None for line in lines):
            lines = with_tokens(lines, _counted(answers, days, self._api.where))
        return lines

    def daily_totals(self, answers: Answers, days: Period) -> DailyTotals:
        where = f"{self._api.where} ({_COSTS})"
        for day, result in results(answers, _COSTS, _between(days), days, and_beyond=days.end):
            amount, currency = _amount(result, where)
            yield day, currency, amount


def _line(day: date, result: Any, where: str) -> Line:
    amount, currency = _amount(result, where)
    said = text(result, "description") or text(result, "cost_type") or "unnamed"
    model, token_type = text(result, "model"), text(result, "token_type")
    details = {ours: found for theirs, ours in _DETAILS.items() if (found := text(result, theirs))}
    if details.get("x_InferenceGeo") == _NO_GEO:
        del details["x_InferenceGeo"]
    kind = _KINDS.get(token_type or "")
    sku = f"{model}, {token_type}" if model and token_type else said
    return Line(
        day=day,
        amount=amount,
        currency=currency,
        description=said,
        sub_account=text(result, "workspace_id") or _DEFAULT,
        sku=sku,
        price=", ".join([sku, *details.values()]),
        model=model,
        token_kind=kind,
        details=details,
        counted_as=_key(day, result, str(token_type), text(result, "inference_geo")) if kind else None,
    )


def _amount(result: Any, where: str) -> tuple[Decimal, str]:
    currency = member(result, "currency", str, where).upper()
    if currency != "USD":
        # how many of its lowest units make one is not the same for every currency, and nothing says it
        remedy = "Report it: finops knows the cents of USD only"
        raise RefusedBatch(f"an amount in the lowest unit of {currency}", where=where, remedy=remedy)
    return number(result, "amount", where) / _MINOR_UNITS, currency


def _key(day: date, result: Any, token_type: str, geo: str | None) -> Hashable:
    """``geo`` None: wherever the inference ran."""
    return (day, text(result, "workspace_id"), *(text(result, name) for name in _COUNTED_BY), token_type, geo)


def _counted(answers: Answers, days: Period, where: str) -> dict[Hashable, Decimal]:
    """Tokens under the key of each place of inference, and under the key of all together."""
    by = ("workspace_id", *_COUNTED_BY, "inference_geo")
    grouped = [("group_by[]", name) for name in by]
    counted: dict[Hashable, Decimal] = defaultdict(Decimal)
    for day, result in results(answers, _USAGE, [*_between(days), *grouped], days, and_beyond=days.end):
        for token_type, tokens in _tokens(result, f"{where} ({_USAGE})"):
            for geo in {None, text(result, "inference_geo")}:
                counted[_key(day, result, token_type, geo)] += tokens
    return counted


def _tokens(result: Any, where: str) -> Iterator[tuple[str, Decimal]]:
    created = result.get("cache_creation") if isinstance(result, Mapping) else None
    for token_type in _KINDS:
        outer, _, inner = token_type.partition(".")
        holder, name = (created, inner) if inner else (result, outer)
        if isinstance(holder, Mapping) and holder.get(name) is not None:
            yield token_type, number(holder, name, where)


def _workspaces(answers: Answers) -> Iterator[tuple[str, str]]:
    """Id and name of every workspace, archived ones too: old bills name them."""
    where = f"{answers.api.where} ({_WORKSPACES})"
    after: list[tuple[str, str]] = []
    while True:
        answer = answers.get(_WORKSPACES, [("limit", "100"), ("include_archived", "true"), *after])
        for workspace in member(answer, "data", list, where):
            yield member(workspace, "id", str, where), text(workspace, "name") or ""
        last = text(answer, "last_id")
        if last is None or not member(answer, "has_more", bool, where):
            return
        after = [("after_id", last)]


def _between(days: Period) -> list[tuple[str, str]]:
    """The reference says that buckets come which end **before** ``ending_at``: so that the last day's, which ends at
    midnight, is among them however that is read, a day more is asked for."""
    return [
        ("starting_at", f"{days.start}T00:00:00Z"),
        ("ending_at", f"{days.end + timedelta(days=1)}T00:00:00Z"),
        ("bucket_width", "1d"),
        ("limit", "31"),
    ]
