"""Paid pages of GetCostAndUsage: each booked before it is sent, none beyond the day's limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from finops.collect.aws.cost_explorer.groupings import Grouping
from finops.collect.aws.cost_explorer.options import PAGE_COST_USD
from finops.collect.aws.cost_explorer.refusals import PagesChanged, cost_explorer_failures
from finops.collect.aws.session import aws_client, count_calls
from finops.deferred import stamina
from finops.errors import LimitReached, Throttled, Unreachable
from finops.model.period import Period
from finops.ports.clock import Clock
from finops.ports.request_costs import RequestCosts
from finops.ports.source import Usage

REGION = "us-east-1"
"""Cost Explorer has one endpoint, whatever region the costs are of."""

_RESTARTS = 2
_TRIES, _FIRST_PAUSE, _LONGEST_PAUSE = 5, 2.0, 60.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one month. ``metrics``: names of Cost Explorer's metrics."""

    period: Period
    groupings: Sequence[Grouping]
    metrics: Sequence[str]
    granularity: Literal["DAILY", "MONTHLY"] = "DAILY"

    @property
    def request(self) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "TimePeriod": {"Start": self.period.start.isoformat(), "End": self.period.end.isoformat()},
            "Granularity": self.granularity,
            "Metrics": list(self.metrics),
        }
        if self.groupings:
            asked["GroupBy"] = [grouping.definition for grouping in self.groupings]
        return asked


@dataclass
class Pages:
    """Cost Explorer of one source. Signs in the way boto3 does, on the first call.

    Retries twice over: botocore in its ``standard`` mode, which is for hiccups of seconds, and around it ours, which
    waits out LimitExceededException for minutes. Every attempt is booked and counted, for AWS may charge it.
    """

    source: str
    endpoint: str | None
    clock: Clock
    request_costs: RequestCosts
    most_usd: Decimal
    usage: Usage = field(repr=False)

    def read(self, question: Question) -> list[Mapping[str, Any]]:
        """Every page of the answer, in order; from the first again when AWS says that they changed in between.

        Raises ``LimitReached`` before a request that would pass the limit, ``Throttled`` after the last try, and what
        ``cost_explorer_failures`` maps.
        """
        for left in reversed(range(_RESTARTS)):
            try:
                return list(self._pages(question))
            except PagesChanged:
                if not left:
                    raise
        raise AssertionError("the last restart raises itself")  # pragma: no cover - tells the type checker

    def first(self, question: Question) -> Mapping[str, Any]:
        """The first page alone."""
        return self._page(question.request)

    def _pages(self, question: Question) -> Iterator[Mapping[str, Any]]:
        request, seen = question.request, set[str]()
        while True:
            page = self._page(request)
            yield page
            token = page.get("NextPageToken")
            if not token:
                return
            if token in seen:
                what = "AWS repeated a page token"
                raise PagesChanged(what, where=self.source, remedy="Collect again; the service may have a problem")
            seen.add(token)
            request = {**question.request, "NextPageToken": token}

    def _page(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        for attempt in stamina.retry_context(
            on=Throttled, attempts=_TRIES, timeout=None, wait_initial=_FIRST_PAUSE, wait_max=_LONGEST_PAUSE
        ):
            with attempt, cost_explorer_failures(self._where):
                found: Mapping[str, Any] = self._client.get_cost_and_usage(**request)
                if "ResultsByTime" not in found:  # botocore makes an empty answer of half a body
                    what = "the response is truncated"
                    raise Unreachable(what, where=self._where, remedy="It is retried with the next collection")
                return found
        raise AssertionError("stamina raises the last error itself")  # pragma: no cover - tells the type checker

    @property
    def _where(self) -> str:
        return f"{self.source}, Cost Explorer"

    @cached_property
    def _client(self) -> Any:
        client = aws_client("ce", where=self._where, endpoint=self.endpoint, region=REGION)
        count_calls(client, "cost-explorer", self.usage, cost_usd=float(PAGE_COST_USD))
        # sent for each attempt, retries of botocore itself included; what it raises keeps the request from being sent
        client.meta.events.register("before-send.cost-explorer", self._book)
        return client

    def _book(self, **_: object) -> None:
        today = self.clock.now().date()
        if not self.request_costs.book(self.source, today, PAGE_COST_USD, most_usd=self.most_usd):
            spent = self.request_costs.spent(self.source, today)
            raise LimitReached(
                f"{spent} USD of the {self.most_usd} USD daily request budget are spent; no request was sent",
                where=self._where,
                remedy="Collection continues tomorrow (UTC); to continue now, raise max_request_cost_per_day",
            )
