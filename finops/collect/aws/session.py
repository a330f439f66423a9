"""What every client of AWS shares: bounded responses, retries, and a count of its requests."""

from __future__ import annotations

from typing import Any

from finops.collect.aws.failures import THROTTLED
from finops.objectstore.sdk import SdkConnections, bound_aws
from finops.ports.source import Usage


def aws_client(service: str, *, where: str, endpoint: str | None = None, region: str | None = None) -> Any:
    """A client of boto3, whose retries are its own (``AWS_MAX_ATTEMPTS``), with backoff. ``where``: see
    ``SdkConnections``. Raises what botocore raises."""
    from boto3.session import Session  # noqa: PLC0415 - slow to import, and only for AWS
    from botocore.config import Config  # noqa: PLC0415
    from botocore.session import get_session  # noqa: PLC0415

    session = Session(botocore_session=bound_aws(get_session(), SdkConnections(where)))
    config = Config(retries={"mode": "standard"})
    return session.client(service, region_name=region, endpoint_url=endpoint, config=config)  # type: ignore[call-overload] # any service


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
