"""Transports for the SDKs of cloud providers, on our own connections.

The SDKs bound one read of a socket, not a response: a server that drips holds them for ever, and a body of any size is
read into memory. Through ``SdkConnections`` each of their requests has a total deadline and each response a limit.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from finops.deferred import httpx
from finops.http_client.failures import broken_off, timed_out, too_large
from finops.http_client.session import LARGEST_BYTES, BodyEnd, HttpSession, lasting_session, trust

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.session import Session as AwsSession
    from requests import PreparedRequest, Session
    from urllib3 import HTTPResponse

SDK_SECONDS = 120.0


class SdkConnections:
    """Shared by the threads of one client; closed with it. ``where``: how errors call the other side."""

    def __init__(self, where: str, *, timeout_seconds: float | None = None) -> None:
        self._where = where
        self._timeout_seconds = timeout_seconds or SDK_SECONDS
        self._sessions: dict[Path | None, HttpSession] = {}
        self._opening = Lock()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, Any],
        body: Any,
        *,
        ca_file: Path | None = None,
        patience_seconds: float = math.inf,
    ) -> HTTPResponse:
        """The whole response, as the SDKs know one. ``url`` and ``body`` reach the server as they are: they are signed.

        ``patience_seconds``: what the SDK itself would wait. Raises ``Unreachable`` past the deadline and for half a
        response, ``RefusedBatch`` for one that is too large or compressed, and ``httpx.HTTPError`` without a connection
        and past the SDK's patience, which the SDKs expect.
        """
        from urllib3 import HTTPResponse  # noqa: PLC0415 - only for clouds

        sent = {name: _text(value) for name, value in headers.items() if name.lower() != "accept-encoding"}
        request = httpx.Request(method, url, headers={"Accept-Encoding": "identity", **sent}, content=_bytes(body))
        target = url.partition("#")[0].partition("//")[2]
        start = min((place for place in map(target.find, "/?") if place >= 0), default=len(target))
        target = target[start:] if target[start : start + 1] == "/" else f"/{target[start:]}"
        request.extensions["target"] = target.encode()
        where = f"{self._where} ({request.url.host})"
        seconds = min(self._timeout_seconds, patience_seconds)
        try:
            answer = self._session(ca_file).exchange(request, where, LARGEST_BYTES, seconds)
            if answer.end is BodyEnd.TIMED_OUT:
                raise TimeoutError
        except TimeoutError:
            if patience_seconds < self._timeout_seconds:
                raise httpx.ReadTimeout(f"no complete response within {seconds:g} s", request=request) from None
            raise timed_out(where, seconds) from None
        if answer.end is BodyEnd.TOO_LARGE:
            raise too_large(where, LARGEST_BYTES)
        if answer.end is BodyEnd.BROKEN:
            raise broken_off(where)
        return HTTPResponse(
            io.BytesIO(answer.body),
            dict(answer.headers),
            answer.status,
            preload_content=False,
            enforce_content_length=False,
            request_method=method,
            request_url=url,
        )

    def _session(self, ca_file: Path | None) -> HttpSession:
        with self._opening:
            if ca_file not in self._sessions:
                verify = trust(ca_file, self._where)
                self._sessions[ca_file] = lasting_session(self, self._timeout_seconds, verify=verify)
            return self._sessions[ca_file]


def requests_session(connections: SdkConnections) -> Session:
    """For the SDKs of Azure and Google, which send through ``requests``. REQUESTS_CA_BUNDLE counts as ever."""
    from requests import ConnectionError as NoConnection  # noqa: PLC0415 - only for clouds
    from requests import Response, Session  # noqa: PLC0415
    from requests.adapters import HTTPAdapter  # noqa: PLC0415

    class Adapter(HTTPAdapter):
        def send(
            self,
            request: PreparedRequest,
            stream: bool = False,
            timeout: Any = None,
            verify: bool | str = True,
            cert: Any = None,
            proxies: Any = None,
        ) -> Response:
            del stream, cert, proxies  # the whole response is there; proxies are those of the environment
            waits = timeout if isinstance(timeout, tuple) else (timeout,)
            try:
                answer = connections.send(
                    request.method or "GET",
                    request.url or "",
                    request.headers,
                    request.body,
                    ca_file=Path(verify) if isinstance(verify, str) else None,
                    patience_seconds=sum(math.inf if wait is None else wait for wait in waits),
                )
            except httpx.HTTPError as error:
                raise NoConnection(error, request=request) from error
            return self.build_response(request, answer)

    session = Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter())
    return session


def azure_transport(connections: SdkConnections) -> Any:
    """A ``transport=`` of clients and credentials."""
    from azure.core.pipeline.transport import RequestsTransport  # noqa: PLC0415 - slow, and only for Azure

    return RequestsTransport(session=requests_session(connections), session_owner=False)


def bound_aws(session: AwsSession, connections: SdkConnections) -> AwsSession:
    """Every client of ``session`` from now on, those that fetch its credentials included; AWS_CA_BUNDLE counts."""
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - slow, and only for AWS
    from botocore.exceptions import EndpointConnectionError  # noqa: PLC0415

    bundle = session.get_config_variable("ca_bundle")
    ca_file = Path(bundle) if bundle else None

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answers ``before-send``, the event by which botocore lets others do the sending."""
        try:
            answer = connections.send(
                request.method, request.url, dict(request.headers.items()), request.body, ca_file=ca_file
            )
        except httpx.HTTPError as error:
            raise EndpointConnectionError(endpoint_url=request.url, error=error) from error
        return AWSResponse(request.url, answer.status, answer.headers, answer)  # type: ignore[arg-type] # as botocore itself does

    session.get_component("event_emitter").register_last("before-send", send)
    return session


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else bytes(body.read())
