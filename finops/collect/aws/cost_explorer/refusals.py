"""Cost Explorer's own errors -> ours, besides those that every service of AWS has.

They are named in https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from finops.collect.aws.failures import aws_failures, error_code
from finops.errors import BadArguments, FinopsError, NotFound, Unreachable

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

PERMISSION = "ce:GetCostAndUsage"

PAGING = ("InvalidNextTokenException", "RequestChangedException")
"""The pages do not belong together any more: the first one has to be asked for again."""


class PagesChanged(Unreachable):
    """The next page of an answer cannot be had: what was read of it is dropped."""


_MISSING = {
    "BillExpirationException": (
        "AWS no longer keeps this report",
        "Request later months: Cost Explorer keeps the current month and the 13 before it",
    ),
    "DataUnavailableException": (
        "Cost Explorer has no data",
        "Wait up to 24 hours after Cost Explorer was enabled, and check that it is, in the management account",
    ),
    "ResourceNotFoundException": ("the billing view does not exist", "Check the account of the credentials"),
}


@contextmanager
def cost_explorer_failures(where: str) -> Iterator[None]:
    """Maps what GetCostAndUsage may raise."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import, and only for AWS

    with aws_failures(where, PERMISSION):
        try:
            yield
        except ClientError as error:
            found = _of_answer(error, where)
            if found is None:
                raise
            raise found from error


def _of_answer(error: ClientError, where: str) -> FinopsError | None:
    code = error_code(error)
    if code in PAGING:
        what = f"the pages of the response changed while they were read ({code})"
        return PagesChanged(what, where=where, remedy="It is retried automatically")
    if code in _MISSING:
        what, remedy = _MISSING[code]
        return NotFound(what, where=where, remedy=remedy)
    if code == "BillingViewHealthStatusException":
        remedy = "Try again when AWS shows the billing view as healthy"
        return Unreachable("the billing view is not healthy", where=where, remedy=remedy)
    if code == "ValidationException":
        said = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())[:200]
        return BadArguments(f"Cost Explorer rejects the request: {said}", where=where, remedy="Check group_by")
    return None
