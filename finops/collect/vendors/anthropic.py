"""Source kind ``anthropic-costs``: the organisation's costs by workspace, model and actor, a row a day.

From the analytics API (``finops.collect.vendors.anthropic_analytics``) where the organisation has it, else from the
legacy cost report, by workspace and description. Shapes of the latter:
https://platform.claude.com/docs/en/api/admin/cost_report and …/admin/usage_report (``results`` of daily buckets;
``amount`` is a decimal text in the **lowest unit** of the currency: "123.45" in USD is $1.2345).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel

from finops.collect.vendors.anthropic_analytics import analytics_lines, analytics_totals, covers
from finops.collect.vendors.anthropic_tokens import KINDS, MINOR_UNITS, tier_of, tokens_by_type, usd
from finops.collect.vendors.focus_rows import Seller
from finops.collect.vendors.line import Line, category_of, with_tokens
from finops.collect.vendors.options import VendorOptions
from finops.collect.vendors.pages import member, number, results, text
from finops.collect.vendors.source import DailyTotals, VendorCosts, optional
from finops.errors import AccessDenied, NotFound, RefusedBatch
from finops.http_client import Answers, JsonApi
from finops.model.period import Period
from finops.ports.clock import Clock

_COSTS = "/v1/organizations/cost_report"
_USAGE = "/v1/organizations/usage_report/messages"
_WORKSPACES = "/v1/organizations/workspaces"
_ORGANISATION = "/v1/organizations/me"
_DEFAULT = "default"
"""The interface names every workspace but the default one, which is null."""

_DETAILS = {"service_tier": "x_ServiceTier", "context_window": "x_ContextWindow", "inference_geo": "x_InferenceGeo"}
_COUNTED_BY = ("model", "service_tier", "context_window")
_NO_GEO = "not_available"
_Answer = TypeVar("_Answer")
_NOT_THERE = (NotFound, AccessDenied, RefusedBatch)
"""How an interface answers that the organisation or the key does not have."""


class AnthropicCostsOptions(VendorOptions):
    """An organisation's bill from Anthropic."""

    default_endpoint: ClassVar[str] = "https://api.anthropic.com"


class AnthropicCosts(VendorCosts):
    """Costs and tokens by actor from the analytics API; credits, which it leaves out, from the legacy cost report.

    Where the analytics API is not available, or has nothing, everything comes from the legacy reports: costs from the
    cost report, token quantities from the usage report of the same day, workspace, model, service tier, context window
    and place of inference.
    """

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
        names, notes = optional("workspaces", "workspaces are shown without names", _workspaces(answers))
        account, account_name = self._options.account or self.name, None
        try:
            organisation = answers.get(_ORGANISATION, [])
            account = self._options.account or text(organisation, "id") or account
            account_name = text(organisation, "name")
        except AccessDenied:
            notes = (*notes, f"the billing account is named {account}: the key has no access to the organisation")
        names[_DEFAULT] = names.get(_DEFAULT, "Default Workspace")
        return Seller("Anthropic", "Claude API", account, account_name, "Workspace", names), notes

    def lines(self, answers: Answers, days: Period) -> list[Line]:
        analytics = self._analytics(days, partial(analytics_lines, answers, days, default_workspace=_DEFAULT))
        try:
            legacy = self._legacy(answers, days)
        except _NOT_THERE as error:
            if not analytics:
                raise
            self._notes.append(f"credits are missing because the legacy cost report is not available: {error}")
            legacy = []
        if analytics:
            return [*analytics, *(line for line in legacy if line.category == "Credit")]
        if any(line.counted_as is not None for line in legacy):
            legacy = with_tokens(legacy, _counted(answers, days, self._api.where))
        return legacy

    def daily_totals(self, answers: Answers, days: Period) -> DailyTotals:
        """As the rows: analytics and credits, or the legacy report."""
        analytics = self._analytics(days, lambda: list(analytics_totals(answers, days)))
        if analytics:
            credits_given = (line for line in self._legacy(answers, days) if line.category == "Credit")
            yield from [*analytics, *((line.day, line.currency, line.amount) for line in credits_given)]
            return
        where = f"{self._api.where} ({_COSTS})"
        for day, result in results(answers, _COSTS, _between(days), days, and_beyond=days.end):
            yield day, usd(result, where), number(result, "amount", where) / MINOR_UNITS

    def _analytics(self, days: Period, ask: Callable[[], list[_Answer]]) -> list[_Answer]:
        """What ``ask`` gives; nothing, and a note, where the API is not available."""
        if not covers(days, self._today()):
            return []
        try:
            return ask()
        except _NOT_THERE as error:
            self._notes.append(
                "costs come from the legacy cost report, without x_Principal: "
                f"the analytics API is not available ({error.what})"
            )
            return []

    def _legacy(self, answers: Answers, days: Period) -> list[Line]:
        where = f"{self._api.where} ({_COSTS})"
        grouped = [("group_by[]", "workspace_id"), ("group_by[]", "description")]
        found = results(answers, _COSTS, [*_between(days), *grouped], days, and_beyond=days.end)
        return [_line(day, result, where) for day, result in found]


def _line(day: date, result: Any, where: str) -> Line:
    amount = number(result, "amount", where) / MINOR_UNITS
    said = text(result, "description") or text(result, "cost_type") or "unnamed"
    model, token_type = text(result, "model"), text(result, "token_type")
    details = {ours: found for theirs, ours in _DETAILS.items() if (found := text(result, theirs))}
    if details.get("x_InferenceGeo") == _NO_GEO:
        del details["x_InferenceGeo"]
    kind = KINDS.get(token_type or "")
    sku = f"{model}, {token_type}" if model and token_type else said
    return Line(
        day=day,
        amount=amount,
        currency=usd(result, where),
        description=said,
        sub_account=text(result, "workspace_id") or _DEFAULT,
        sku=sku,
        price=", ".join([sku, *details.values()]),
        model=model,
        token_kind=kind,
        tier=tier_of(text(result, "service_tier")),
        details=details,
        category=category_of(f"{said} {text(result, 'cost_type') or ''}", amount),
        counted_as=_key(day, result, str(token_type), text(result, "inference_geo")) if kind else None,
    )


def _key(day: date, result: Any, token_type: str, geo: str | None) -> Hashable:
    """``geo`` None: wherever the inference ran."""
    return (day, text(result, "workspace_id"), *(text(result, name) for name in _COUNTED_BY), token_type, geo)


def _counted(answers: Answers, days: Period, where: str) -> dict[Hashable, Decimal]:
    """Tokens under the key of each place of inference, and under the key of all together."""
    by = ("workspace_id", *_COUNTED_BY, "inference_geo")
    grouped = [("group_by[]", name) for name in by]
    counted: dict[Hashable, Decimal] = defaultdict(Decimal)
    for day, result in results(answers, _USAGE, [*_between(days), *grouped], days, and_beyond=days.end):
        for token_type, tokens in tokens_by_type(result, f"{where} ({_USAGE})"):
            for geo in {None, text(result, "inference_geo")}:
                counted[_key(day, result, token_type, geo)] += tokens
    return counted


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
