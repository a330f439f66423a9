"""Every page of the demo in a real browser: wide and narrow, light and dark, by mouse and by keyboard alone."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import PATIENCE, Open, Scheme, fits, picture, violations

expect.set_options(timeout=PATIENCE)

LOOKS: list[tuple[int, Scheme]] = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
PAGES = {
    "overview": "/",
    "budget": "/policies/checkout-monthly",
    "growth": f"/policies/growth-by-product?group={quote('product=assistant')}",
    "alerts": "/alerts",
}
OTHERS = {
    "budgets": "/budgets",
    "incidents": "/incidents",
    "teams": "/teams",
    "team": "/teams/checkout",
    "costs": "/costs?by=team&then=ServiceName&compare=month",
    "filtered": "/?owner=team-checkout&state=firing",
    "unit-cost": "/policies/cost-per-order",
    "anomaly": f"/policies/unusual-days?group={quote('ServiceName=Amazon Elastic MapReduce,team=data')}",
    "commitment": f"/policies/commitments-are-used?group={quote('ServiceProviderName=AWS')}",
    "groups": "/policies/growth-by-product",
    "policies": "/policies?kind=Budget",
    "tests": "/policies/checkout-monthly/tests",
    "sources": "/sources",
    "statements": "/statements",
    "not-found": "/policies/nobodys",
}
"""Made of the same container: looked at where least has room."""


@pytest.mark.parametrize(("width", "scheme"), LOOKS, ids=[f"{width} {scheme}" for width, scheme in LOOKS])
def test_every_page_reads_well(demo: str, opened: Open, width: int, scheme: Scheme) -> None:
    page = opened(width, scheme)
    for name, path in PAGES.items():
        page.goto(demo + path)
        _look(page, f"{name}-{width}-{scheme}")
    page.get_by_role("table").first.get_by_role("link").first.click()
    page.wait_for_url("**/alerts/*")
    _look(page, f"alert-{width}-{scheme}")
    if (width, scheme) == (390, "dark"):
        for name, path in OTHERS.items():
            page.goto(demo + path)
            _look(page, f"{name}-{width}-{scheme}")


def _look(page: Page, name: str) -> None:
    assert fits(page), name
    assert violations(page) == [], name
    picture(page, name)


@pytest.mark.parametrize(
    ("policy", "evidence"),
    [
        ("checkout-monthly", "Amazon Relational Database Service"),
        ("growth-by-product", "Quillwort Model API"),
        ("commitments-are-used", "unused commitments"),
        ("spend-has-an-owner", "fernhollow-sandbox"),
    ],
)
def test_a_planted_incident_is_one_click_from_the_overview(demo: str, opened: Open, policy: str, evidence: str) -> None:
    page = opened(1440, "light")
    page.goto(demo)
    page.get_by_role("link", name=policy, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(policy)
    expect(page.get_by_text(evidence).first).to_be_visible()
    expect(page.get_by_role("heading", name="What to do")).to_be_visible()


def test_a_night_that_is_over_is_two_clicks_away_and_so_is_a_restated_month(demo: str, opened: Open) -> None:
    page = opened(1440, "light")
    page.goto(demo)
    page.get_by_label("Name contains").fill("MapReduce")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("row", name="Amazon Elastic MapReduce").get_by_role("link").first.click()
    expect(page.locator(".strip .day:not(.ok)").first).to_be_attached()
    page.get_by_role("link", name="Sources").click()
    expect(page.get_by_role("row", name="azure").filter(has_text="−").last).to_be_visible()


def test_a_link_shows_what_its_sender_saw(demo: str, opened: Open) -> None:
    page = opened(1440, "light")
    page.goto(demo)
    page.get_by_role("combobox", name="Owner").select_option("team-ml")
    page.get_by_role("combobox", name="State").select_option("firing")
    page.get_by_role("button", name="Show").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("2 of 2 budgets are over a threshold.")
    other = opened(390, "dark")
    other.goto(page.url)
    expect(other.get_by_role("heading", level=1)).to_have_text(heading.inner_text())


def test_an_alert_is_acknowledged_silenced_and_lifted_with_the_keyboard_alone(demo: str, opened: Open) -> None:
    page = opened(1440, "light")
    page.goto(f"{demo}/alerts")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    _tab_to(page, "checkout-monthly")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("checkout-monthly")
    _tab_to(page, "Note")
    page.keyboard.type("Looking at the databases")
    _tab_to(page, "Acknowledge")
    page.keyboard.press("Enter")
    expect(page.locator(".status")).to_have_text("Acknowledged")
    expect(page.get_by_text("Looking at the databases").first).to_be_visible()

    _tab_to(page, "Reason")
    page.keyboard.type("The new size is agreed until the end of the quarter")
    _tab_to(page, "For")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "Silence")
    page.keyboard.press("Enter")
    expect(page.locator(".status")).to_have_text("Silenced")
    _tab_to(page, "Lift the silence")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No active silences.")).to_be_visible()
    page.get_by_role("link", name="checkout-monthly").click()
    expect(page.locator(".events")).to_contain_text("by anybody")


_CALLED = """() => {
    const focused = document.activeElement;
    return (focused.labels && focused.labels.length ? focused.labels[0].firstElementChild : focused).innerText;
}"""


def _tab_to(page: Page, name: str) -> None:
    """Tabs until what has the focus is called so."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if str(page.evaluate(_CALLED)).strip() == name:
            return
    pytest.fail(f"the keyboard does not reach '{name}'")


def test_a_form_that_is_refused_says_why_and_keeps_what_was_typed(demo: str, opened: Open) -> None:
    page = opened(1440, "light")
    page.goto(f"{demo}/alerts")
    page.get_by_role("link", name="cost-per-order").click()
    page.get_by_label("Reason").fill("Because of the launch")
    page.get_by_label("or until the end of").evaluate("input => { input.min = ''; input.value = '2020-01-01'; }")
    page.get_by_role("button", name="Silence").click()
    expect(page.get_by_role("alert")).to_contain_text("a silence must end in the future")
    expect(page.get_by_label("Reason")).to_have_value("Because of the launch")


def test_the_numbers_stand_behind_each_drawing(demo: str, opened: Open) -> None:
    page = opened(390, "dark")
    page.goto(f"{demo}/policies/checkout-monthly")
    drawing = page.get_by_role("img", name="Spent in")
    expect(drawing).to_be_visible()
    drawn = str(drawing.evaluate("image => image.currentSrc"))
    assert "theme=dark" in drawn
    assert "size=narrow" in drawn
    days = page.get_by_role("table", name="EUR", include_hidden=True).first
    expect(days).not_to_be_visible()
    page.get_by_text("Data table").first.click()
    expect(days).to_be_visible()


def test_pages_and_drawings_are_not_sent_twice(demo: str) -> None:
    with httpx.Client(base_url=demo, timeout=60) as client:
        place = client.get("/policies/checkout-monthly").text.partition('src="/charts/')[2].partition("/")[0]
        for path in ("/policies/checkout-monthly", f"/charts/{place}/burn-up.svg?size=wide"):
            first = client.get(path)
            again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
            assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
