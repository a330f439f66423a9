"""What every client of AWS shares: its requests are counted, retries and throttling included."""

from __future__ import annotations

from typing import Any

from finops.collect.aws.failures import THROTTLED
from finops.ports.source import Usage


def count_calls(client: Any, service: str, usage: Usage, *, cost_usd: float = 0.0) -> None:
    """Counts each request of a boto3 client of ``service`` in ``usage``, at ``cost_usd`` a request.

    Hooks into botocore's event ``response-received``, which is sent for each attempt, refused ones too
    (https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html).
    """

    def received(parsed_response: dict[str, Any] | None = None, **_: object) -> None:
        usage.requests += 1
        usage.request_cost_usd += cost_usd
        answer = parsed_response or {}
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status in {429, 503} or answer.get("Error", {}).get("Code") in THROTTLED:
            usage.throttled += 1

    client.meta.events.register(f"response-received.{service}", received)
