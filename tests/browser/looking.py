"""What a test asks of a page in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

PICTURES = Path(__file__).parents[2] / "artefacts" / "screenshots"

Scheme = Literal["light", "dark"]
Open = Callable[[int, Scheme], Page]

_DRAWN = """() => Promise.all(Array.from(document.images, image => {
    image.loading = 'eager';
    return image.decode();
}))"""
"""Until every drawing is there, and fails on one that cannot be drawn: sooner than half a second of an idle network."""

PATIENCE = 60_000
"""Milliseconds, for a machine that has other things to do."""


@contextmanager
def watched(chromium: Browser) -> Iterator[Open]:
    """Fails on console errors, on faults of pages, and on requests to anybody else."""
    said: list[str] = []
    hosts: set[str | None] = set()
    contexts = []

    def open_(width: int, scheme: Scheme) -> Page:
        context = chromium.new_context(viewport=ViewportSize(width=width, height=900), color_scheme=scheme)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        # that a form or an address was refused is an answer, no fault
        page.on("console", lambda message: None if "status of 4" in message.text else said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda sent: hosts.add(urlsplit(sent.url).hostname))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert said == []
    assert hosts == {"127.0.0.1"}


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the side, once the style sheet is there."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe-core finds."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["impact"], [node["html"][:200] for node in one["nodes"]][:2]) for one in found]


def picture(page: Page, name: str) -> None:
    """Kept as an artefact of the tests, with every drawing in it."""
    page.evaluate(_DRAWN)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
