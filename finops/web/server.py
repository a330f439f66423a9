"""One listening socket, and the loop that answers on it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Generator
from functools import partial
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from finops.app.listening import BACKLOG, listen
from finops.web.edge.connections import Connection, Connections, Limits
from finops.web.edge.refusals import Refusals


class HttpServer:
    """Listens from construction on, so that a port in use is known before any work begins.

    ``run`` blocks its thread; ``stop`` may be called from any thread or signal handler. Signals are the caller's.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        graceful_seconds: int = 10,
        limits: Limits | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        """``port`` 0 takes a free one. Raises ``BadArguments`` where the address cannot be had."""
        self._socket = listen(host, port)
        pool = Connections(limits or Limits(), refusals or Refusals())
        self._address: tuple[str, int] = self._socket.getsockname()[:2]
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            http=cast("type[asyncio.Protocol]", partial(Connection, pool)),  # it calls this like a class
            backlog=BACKLOG,
            timeout_keep_alive=pool.limits.idle_seconds,
            timeout_graceful_shutdown=graceful_seconds,
        )
        self._server = _Server(config)

    @property
    def url(self) -> str:
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self) -> None:
        """Serves until ``stop``; open requests get ``graceful_seconds`` to end."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        self._server.should_exit = True

    def close(self) -> None:
        """Gives the address back where ``run`` was never called."""
        self._socket.close()

    def wait_until_serving(self, timeout_seconds: float) -> bool:
        return self._server.serving.wait(timeout_seconds)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serving.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leaves signals alone: uvicorn would raise them again before the rest of the service has stopped."""
        yield
