"""Anthropic's Usage and Cost Analytics API (beta): costs and tokens by actor, which the legacy reports do not have.

Shapes: ``GET /v1/organizations/analytics/{cost,usage}`` of
https://platform.claude.com/docs/en/api/beta/organization/analytics/cost/list: rows ``{starting_at, ending_at, group,
cost}``, at most five dimensions besides ``cost_type`` and ``token_type``, at most 31 days, nothing older than 365 days
or 2026-01-01. ``amount`` is after discounts and **before credits**, ``list_amount`` before discounts, both in cents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from finops.collect.vendors.anthropic_tokens import KINDS, MINOR_UNITS, tier_of, tokens_by_type, usd
from finops.collect.vendors.line import Line, with_tokens
from finops.collect.vendors.pages import day_of, items, member, number, text
from finops.http_client import Answers
from finops.model.period import Period

_COST = "/v1/organizations/analytics/cost"
_USAGE = "/v1/organizations/analytics/usage"
_BETA = {"anthropic-beta": "analytics-usage-cost-2026-08-24"}
_BY = ("workspace_id", "actor", "model", "service_tier", "context_window")
_OLDEST = date(2026, 1, 1)
_KEPT = timedelta(days=365)
_LONGEST = timedelta(days=31)
_WORDS = {"web_search": "Web search", "code_execution": "Code execution", "session_usage": "Managed agent sessions"}


class _Key(NamedTuple):
    day: date
    workspace: str
    principal: str | None
    model: str | None
    tier: str | None
    context: str | None
    sold: str


def covers(days: Period, today: date) -> bool:
    """Whether the API reports these days."""
    return days.start >= max(_OLDEST, today - _KEPT)


def analytics_lines(answers: Answers, days: Period, *, default_workspace: str) -> list[Line]:
    """One line per day, workspace, actor, model, tier, context window and kind of token, with its tokens.

    Raises ``NotFound``, ``AccessDenied`` or ``RefusedBatch`` where the organisation does not have the API (yet), and
    what asking raises.
    """
    asked = _asked(answers)
    merged: dict[_Key, Line] = {}
    for day, row in _rows(asked, _COST, days, [*_BY, "cost_type", "token_type"]):
        key, line = _line(day, row, default_workspace, f"{answers.api.where} ({_COST})")
        # several actors that the server does not show have the same null
        merged[key] = _sum(merged[key], line) if key in merged else line
    lines = list(merged.values())
    if any(line.counted_as is not None for line in lines):
        lines = with_tokens(lines, _counted(asked, days, default_workspace))
    return lines


def analytics_totals(answers: Answers, days: Period) -> Iterator[tuple[date, str, Decimal]]:
    """Day, currency and amount, not split by anything."""
    where = f"{answers.api.where} ({_COST})"
    for day, row in _rows(_asked(answers), _COST, days, []):
        cost = member(row, "cost", dict, where)
        yield day, usd(cost, where), number(cost, "amount", where) / MINOR_UNITS


def _asked(answers: Answers) -> Answers:
    return replace(answers, headers={**answers.headers, **_BETA})


def _rows(answers: Answers, path: str, days: Period, by: list[str]) -> Iterator[tuple[date, Any]]:
    parameters = [
        ("time_bucket_width", "1d"),
        ("order_by", "time"),
        ("order", "asc"),
        ("limit", "1000"),
        *(("group_by[]", name) for name in by),
    ]
    where = f"{answers.api.where} ({path})"
    start = days.start
    while start < days.end:
        end = min(start + _LONGEST, days.end)
        between = [("starting_at", f"{start}T00:00:00Z"), ("ending_at", f"{end}T00:00:00Z")]
        for row in items(answers, path, [*between, *parameters]):
            day = day_of(row, Period(start, end), where)
            assert day is not None  # noqa: S101 - only a day beyond is None
            yield day, row
        start = end


def _key(day: date, group: Mapping[str, Any], sold: str, default_workspace: str) -> _Key:
    workspace, principal = text(group, "workspace_id") or default_workspace, _principal(group.get("actor"))
    model, tier, context = (text(group, name) for name in ("model", "service_tier", "context_window"))
    return _Key(day, workspace, principal, model, tier, context, sold)


def _principal(actor: Any) -> str | None:
    """A user's mail address, a service account's or an API key's id, or what a federated provider calls the caller."""
    named = (text(actor, name) for name in ("email_address", "user_id", "service_account_id", "api_key_id", "subject"))
    return next(filter(None, named), None)


def _line(day: date, row: Any, default_workspace: str, where: str) -> tuple[_Key, Line]:
    group, cost = member(row, "group", dict, where), member(row, "cost", dict, where)
    token_type, cost_type = text(group, "token_type"), text(group, "cost_type")
    key = _key(day, group, token_type or cost_type or "usage", default_workspace)
    kind = KINDS.get(token_type or "")
    words = _WORDS.get(key.sold, key.sold)
    sku = f"{key.model}, {key.sold}" if key.model and token_type else words
    details = {"x_ServiceTier": key.tier, "x_ContextWindow": key.context}
    stated = {name: value for name, value in details.items() if value}
    list_amount = number(cost, "list_amount", where) / MINOR_UNITS if cost.get("list_amount") is not None else None
    return key, Line(
        day=day,
        amount=number(cost, "amount", where) / MINOR_UNITS,
        list_amount=list_amount,
        currency=usd(cost, where),
        description=sku,
        sub_account=key.workspace,
        sku=sku,
        price=", ".join([sku, *stated.values()]),
        model=key.model,
        token_kind=kind,
        tier=tier_of(key.tier),
        principal=key.principal,
        details=stated,
        counted_as=key if kind else None,
    )


def _sum(one: Line, other: Line) -> Line:
    listed = [line.amount if line.list_amount is None else line.list_amount for line in (one, other)]
    return replace(one, amount=one.amount + other.amount, list_amount=sum(listed, Decimal(0)))


def _counted(answers: Answers, days: Period, default_workspace: str) -> dict[Hashable, Decimal]:
    where = f"{answers.api.where} ({_USAGE})"
    counted: dict[Hashable, Decimal] = defaultdict(Decimal)
    for day, row in _rows(answers, _USAGE, days, list(_BY)):
        group = member(row, "group", dict, where)
        for token_type, tokens in tokens_by_type(member(row, "usage", dict, where), where):
            counted[_key(day, group, token_type, default_workspace)] += tokens
    return counted
