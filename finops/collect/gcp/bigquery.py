"""Queries of BigQuery through Google's client, its errors as ours, its price counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from finops.errors import AccessDenied, BadArguments, FinopsError, NotFound, RefusedBatch, Throttled, Unreachable
from finops.objectstore.sdk import SdkConnections, requests_session
from finops.ports.source import Usage

if TYPE_CHECKING:
    import pyarrow as pa
    from google.cloud.bigquery import Client
    from google.cloud.bigquery.table import RowIterator

_USD_PER_BYTE = 6.25 / 2**40
"""On-demand analysis in US and EU, the first TiB of a month apart: https://cloud.google.com/bigquery/pricing"""

_PAGE_ROWS = 50_000
_PERMISSION = (
    "Grant roles/bigquery.jobUser on the project that runs queries and roles/bigquery.dataViewer on the dataset"
)
_AGAIN = "It is retried with the next collection"
_TOO_FAST = frozenset({"rateLimitExceeded", "quotaExceeded", "jobRateLimitExceeded"})


class BigQuery:
    """``project`` runs the queries and pays for them. ``endpoint``: another server; over plain HTTP it gets no
    credentials."""

    def __init__(
        self,
        project: str,
        *,
        location: str | None,
        endpoint: str | None,
        timeout_seconds: float,
        usage: Usage,
        where: str,
    ) -> None:
        self._project = project
        self._location = location
        self._endpoint = endpoint
        self._timeout_seconds = timeout_seconds
        self._usage = usage
        self._where = where
        self._made: Client | None = None

    def rows(self, sql: str, **days: date) -> list[Mapping[str, Any]]:
        """A small answer. Raises ``AccessDenied``, ``NotFound``, ``RefusedBatch``, ``Throttled``, ``Unreachable``."""
        with self._failures():
            return [dict(row) for row in self._ask(sql, days)]

    def batches(self, sql: str, **days: date) -> Iterator[pa.RecordBatch]:
        """A large answer, page by page. Raises as ``rows`` does."""
        with self._failures():
            yield from self._ask(sql, days).to_arrow_iterable()

    def _ask(self, sql: str, days: Mapping[str, date]) -> RowIterator:
        from google.api_core.retry import Retry  # noqa: PLC0415 - the extra gcp is optional
        from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter  # noqa: PLC0415 - as above
        from google.cloud.bigquery.retry import DEFAULT_RETRY  # noqa: PLC0415 - as above

        parameters = [ScalarQueryParameter(name, "DATE", day) for name, day in days.items()]
        retry: Retry = DEFAULT_RETRY.with_timeout(self._timeout_seconds)
        self._usage.requests += 1
        job = self._client().query(
            sql,
            job_config=QueryJobConfig(query_parameters=parameters),
            location=self._location,
            retry=retry,
            job_retry=None,
            timeout=self._timeout_seconds,
        )
        rows = job.result(page_size=_PAGE_ROWS, retry=retry, timeout=self._timeout_seconds, job_retry=None)
        self._usage.request_cost_usd += (job.total_bytes_billed or 0) * _USD_PER_BYTE
        return rows

    def _client(self) -> Client:
        if self._made is None:
            try:
                import google.auth  # noqa: PLC0415 - the extra gcp is optional
                from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 - as above
                from google.auth.transport.requests import AuthorizedSession, Request  # noqa: PLC0415 - as above
                from google.cloud.bigquery import Client  # noqa: PLC0415 - as above
            except ImportError as error:
                remedy = "Install the extra: pip install 'finops-verdict[gcp]'"
                raise BadArguments(
                    "google-cloud-bigquery is not installed", where=self._where, remedy=remedy
                ) from error
            plain = self._endpoint is not None and self._endpoint.startswith("http://")
            bounded = requests_session(SdkConnections(self._where, timeout_seconds=self._timeout_seconds))
            credentials = AnonymousCredentials() if plain else google.auth.default(Client.SCOPE)[0]  # type: ignore[no-untyped-call] # the library's gap
            session = AuthorizedSession(credentials, auth_request=Request(bounded))  # type: ignore[no-untyped-call] # as above
            for scheme, adapter in bounded.adapters.items():
                session.mount(scheme, adapter)
            self._made = Client(
                project=self._project,
                credentials=credentials,
                _http=session,
                client_options={"api_endpoint": self._endpoint} if self._endpoint else None,
            )
        return self._made

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except FinopsError:
            raise
        except Exception as error:
            found = _failure(error, self._where)
            if found is None:
                raise
            if isinstance(found, Throttled):
                self._usage.throttled += 1
            raise found from error


def _failure(error: Exception, where: str) -> FinopsError | None:
    """Ours for one of Google's; None for anybody else's."""
    from google.api_core import exceptions as api  # noqa: PLC0415 - the extra gcp is optional
    from google.auth import exceptions as auth  # noqa: PLC0415 - as above

    if isinstance(error, api.RetryError) and isinstance(error.cause, Exception):
        error = error.cause
    if isinstance(error, auth.GoogleAuthError) and not isinstance(error, auth.TransportError):
        remedy = "Sign in: GOOGLE_APPLICATION_CREDENTIALS, workload identity, or gcloud auth application-default login"
        return AccessDenied("there are no valid credentials for Google Cloud", where=where, remedy=remedy)
    if isinstance(error, api.GoogleAPICallError):
        return _answered(error, where)
    unreachable = (auth.TransportError, api.RetryError, OSError)  # those of requests are OSErrors
    if isinstance(error, unreachable):
        return Unreachable(f"the connection failed ({type(error).__name__})", where=where, remedy=_AGAIN)
    if isinstance(error, ValueError):  # an answer that is cut off, or is not JSON
        return Unreachable("the answer cannot be read", where=where, remedy=_AGAIN)
    return None


def _answered(error: Any, where: str) -> FinopsError:
    status = int(error.code or 0)
    said = " ".join(str(error.message or "").split())[:200]
    reasons = {str(one.get("reason")) for one in error.errors if isinstance(one, Mapping)}
    if status == 429 or reasons & _TOO_FAST:
        return Throttled(f"BigQuery is throttling requests: {said}", where=where, remedy=_AGAIN)
    if status in {401, 403}:
        return AccessDenied(f"access is denied (HTTP {status})", where=where, remedy=_PERMISSION)
    if status == 404:
        return NotFound(f"not found: {said}", where=where, remedy="Check table, project and location")
    if status >= 500 or status in {0, 408}:
        return Unreachable(f"BigQuery failed (HTTP {status}: {said})", where=where, remedy=_AGAIN)
    return RefusedBatch(f"BigQuery rejects the query: {said}", where=where, remedy="Check that the table is FOCUS")
