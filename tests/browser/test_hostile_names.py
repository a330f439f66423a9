"""Names that somebody chose to break a page: harmless, and the layout holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from finops.model.finding import Driver, Severity, State
from finops.model.operations import Operations, SourceFacts
from tests.browser.looking import Open, fits, picture, violations
from tests.integration.web.served import published
from tests.support.snapshots import budget, evaluation, findings, snapshot
from tests.unit.exporters.test_pages_verdict import CHANGE

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e\n\"'" + "unbroken" * 1250
FINDING = replace(
    budget("hostile", owner=HOSTILE, group={"team": HOSTILE, HOSTILE: "x"}, reason=HOSTILE, description=HOSTILE),
    state=State.FIRING,
    severity=Severity.CRITICAL,
    change=CHANGE,
    drivers=(Driver("ServiceName", HOSTILE, Decimal(5), name=HOSTILE), Driver("ResourceId", HOSTILE, Decimal(4))),
    demand=HOSTILE,
    notes=(HOSTILE,),
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    made = snapshot(evaluation((*findings(), FINDING)))
    with published(made, Operations((SourceFacts(HOSTILE, HOSTILE, up=False, error=HOSTILE),))) as address:
        yield address


@pytest.mark.parametrize("width", [1440, 390])
def test_hostile_names_are_harmless_and_the_layout_holds(url: str, opened: Open, width: int) -> None:
    page = opened(width, "light")
    for name, path in (("overview", "/"), ("sources", "/sources"), ("policies", "/policies"), ("budget", FINDING.page)):
        page.goto(url + path)
        assert fits(page), name
        assert page.locator("script").count() == 0
        assert page.locator("img[onerror]").count() == 0
        picture(page, f"hostile-{name}-{width}")
    assert violations(page) == []
