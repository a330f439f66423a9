"""What a controller does every month, each in at most three clicks from the overview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from finops.app.clock import SystemClock
from finops.model.period import month_start
from tests.browser.looking import PATIENCE, Open, fits, violations

expect.set_options(timeout=PATIENCE)

MOST_CLICKS = 3


class Clicks:
    """A page that counts what is clicked on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.made = 0

    def on(self, target: Locator) -> None:
        self.made += 1
        target.first.click()

    def nav(self, name: str) -> None:
        self.on(self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True))


@pytest.fixture
def clicks(demo: str, opened: Open) -> Iterator[Clicks]:
    page = opened(1440, "light")
    page.goto(demo)
    counted = Clicks(page)
    yield counted
    assert counted.made <= MOST_CLICKS
    assert fits(page)
    assert violations(page) == []


def test_the_months_total_against_last_year(clicks: Clicks) -> None:
    figures = clicks.page.locator("dl.figures").first
    expect(figures).to_contain_text("A year ago")
    clicks.on(figures.get_by_role("link"))
    expect(clicks.page.get_by_role("heading", level=1)).to_contain_text("EUR")
    clicks.page.get_by_label("Compare with").select_option("year")
    clicks.on(clicks.page.get_by_role("button", name="Show"))
    expect(clicks.page.get_by_role("columnheader", name="Change").first).to_be_visible()


def test_which_team_grew_most_and_why(clicks: Clicks) -> None:
    clicks.nav("Teams")
    rise = clicks.page.locator(".lead").filter(has_text="Largest rise")
    expect(rise).to_contain_text("EUR (+")
    clicks.on(rise.get_by_role("link"))
    expect(clicks.page.get_by_role("heading", name="Cost drivers")).to_be_visible()


def test_a_teams_bill_as_a_workbook(clicks: Clicks) -> None:
    clicks.nav("Teams")
    clicks.on(clicks.page.get_by_role("link", name="search", exact=True))
    with clicks.page.expect_download(timeout=PATIENCE) as download:
        clicks.on(clicks.page.get_by_role("link", name="Workbook"))
    assert download.value.suggested_filename.endswith(".xlsx")


def test_what_the_shared_platform_cost_checkout_and_why(clicks: Clicks) -> None:
    clicks.nav("Teams")
    clicks.on(clicks.page.get_by_role("link", name="checkout", exact=True))
    shares = clicks.page.get_by_role("table", name="Allocated to the team, the largest first")
    expect(shares.get_by_text("platform").first).to_be_visible()
    clicks.on(shares.get_by_role("link"))
    expect(clicks.page.get_by_role("heading", level=1)).to_contain_text("EUR")
    assert "/costs?" in clicks.page.url


def test_the_corrections_of_a_month_that_was_signed_off(clicks: Clicks) -> None:
    clicks.nav("Teams")
    last = month_start(SystemClock().now().date() - timedelta(days=1), -1)
    clicks.page.get_by_label("Month").select_option(f"{last:%Y-%m}")
    clicks.on(clicks.page.get_by_role("button", name="Show"))
    clicks.on(clicks.page.get_by_role("row", name="Robin Alder").get_by_role("link"))
    expect(clicks.page.get_by_role("heading", name="Signed off")).to_be_visible()
    expect(clicks.page.get_by_text("Corrections since then")).to_be_visible()
