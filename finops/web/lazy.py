"""What takes a while to make is made when it is first needed, or ahead of that: ``/metrics`` needs neither."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

from finops.ports.exporter import Document, RenderedPages
from finops.ports.pages import PageFacts, PageRequest

T = TypeVar("T")


class Late(Generic[T]):
    """A value that ``make`` gives, once. Safe to ask from any thread; all but the first wait."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[T] | None = None

    def get(self) -> T:
        """Raises what ``make`` raises, and tries again next time."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = (self._make(),)
        return self._made[0]

    @property
    def is_made(self) -> bool:
        return self._made is not None


class LazyApp:
    """An ASGI application; a request that comes before it is made waits, and holds no other one up."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._app = Late(make)

    def prepare(self) -> None:
        self._app.get()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app.get() if self._app.is_made else await asyncio.to_thread(self._app.get)
        await app(scope, receive, send)


class LatePages:
    """``finops.ports.exporter.RenderedPages`` of one snapshot."""

    def __init__(self, make: Callable[[], RenderedPages]) -> None:
        self._pages = Late(make)

    def prepare(self) -> None:
        self._pages.get()

    def page(self, request: PageRequest, facts: PageFacts) -> Document | None:
        return self._pages.get().page(request, facts)

    def chart(self, place: str, name: str, query: Mapping[str, str]) -> Document | None:
        return self._pages.get().chart(place, name, query)
