"""The first page in a real browser: wide and narrow, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from finops.model.finding import State
from finops.model.operations import Operations, SourceFacts
from finops.model.snapshot import Snapshot
from tests.integration.http.served import publisher, serving
from tests.unit.publish.samples import budget, evaluation, findings, operations, snapshot

PICTURES = Path(__file__).parents[2] / "artefacts" / "screenshots"
Scheme = Literal["light", "dark"]
HOSTILE = "<script>alert(1)</script>" + "unbroken" * 20


def hostile() -> Snapshot:
    return snapshot(evaluation((*findings(), budget(HOSTILE, owner=HOSTILE, group={"team": HOSTILE}, reason=HOSTILE))))


STATES: dict[str, tuple[Snapshot | None, Operations]] = {
    "budgets": (snapshot(), operations()),
    "hostile": (hostile(), Operations((SourceFacts(HOSTILE, HOSTILE, up=False, error=HOSTILE),))),
    "no policies": (snapshot(evaluation(())), operations()),
    "collecting": (None, Operations((SourceFacts("aws-prod", "aws-data-export"),), collecting=("aws-prod",))),
    "nothing": (None, Operations()),
}


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """A server for each state of the page."""
    with ExitStack() as stack:
        found = {}
        for name, (made, now) in STATES.items():
            board, publish = publisher()
            publish.publish(made, now)
            found[name] = stack.enter_context(serving(board))
        yield found


@pytest.fixture
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of the parametrized (width, scheme) that fails on console errors and on requests to anybody else."""
    width, scheme = request.param
    context = chromium.new_context(viewport=ViewportSize(width=width, height=900), color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    hosts: set[str | None] = set()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda sent: hosts.add(urlsplit(sent.url).hostname))
    yield page
    context.close()
    assert said == []
    assert hosts == {"127.0.0.1"}


LOOKS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize("page", LOOKS, indirect=True, ids=[f"{width} {scheme}" for width, scheme in LOOKS])
def test_it_reads_well(page: Page, urls: dict[str, str], state: str, request: pytest.FixtureRequest) -> None:
    page.goto(urls[state])
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], v["impact"], [n["html"] for n in v["nodes"]][:2]) for v in violations] == []
    PICTURES.mkdir(parents=True, exist_ok=True)
    look = request.node.callspec.id.split("-")[0].replace(" ", "-")
    page.screenshot(path=PICTURES / f"{state.replace(' ', '-')}-{look}.png", full_page=True)


@pytest.mark.parametrize("page", [(1440, "light")], indirect=True)
def test_a_name_leads_to_its_budget_and_a_table_stands_behind_each_chart(page: Page, urls: dict[str, str]) -> None:
    page.goto(urls["budgets"])
    assert page.get_by_role("heading", level=1).inner_text() == "3 of 8 budgets are over their line."
    page.get_by_role("table").first.get_by_role("link", name="data-platform-monthly").click()
    card = page.locator("article:target")
    assert card.get_by_role("heading").inner_text().startswith("data-platform-monthly")
    assert "21,480.35" in (card.get_by_role("img", name="Chart:").get_attribute("aria-label") or "")
    days = card.get_by_role("table")
    assert not days.is_visible()
    card.get_by_text("Day by day").click()
    assert days.get_by_role("row").count() == 20
    assert days.get_by_role("row").last.inner_text().split("\t")[-2] == "21,480.35"


@pytest.mark.parametrize("page", [(390, "dark")], indirect=True)
def test_charts_take_the_colours_of_the_page(page: Page, urls: dict[str, str]) -> None:
    page.goto(urls["budgets"])
    line = page.locator('article .chart path[stroke="#1d4f91"]').first
    assert line.evaluate("path => getComputedStyle(path).stroke") == "rgb(127, 176, 245)"


@pytest.mark.parametrize("page", [(390, "light")], indirect=True)
def test_everything_can_be_reached_by_keyboard(page: Page, urls: dict[str, str]) -> None:
    page.goto(urls["budgets"])
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to content"
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "data-platform-monthly"


def test_the_samples_show_every_state() -> None:
    made = STATES["budgets"][0]
    assert made is not None
    assert {finding.state for finding in made.findings} == set(State)
