"""Pages of policies that are not live, as files."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest

from finops.model.finding import Severity, State
from finops.model.period import Period
from finops.model.policy import WrittenPolicy
from finops.model.verdict_day import Episode, verdict_days
from finops.ports.exporter import Draft
from tests.support.profiles import PROFILES
from tests.support.snapshots import SETTINGS, budget, evaluation, snapshot
from tests.unit.exporters.pages_read import PAGES, text

FIRING = replace(
    budget("a", state=State.FIRING, severity=Severity.CRITICAL, measure="spent", group={"team": '<b>&"x'}),
    description="</p><script>alert(1)</script>",
)
UNKNOWN = budget("u", spent=None, state=State.UNKNOWN, reason="no rate USD/EUR for 2026-03-02")
MADE = snapshot(evaluation((FIRING, UNKNOWN)))
LAST = date(2026, 3, 20)
ALERTS = (
    Episode(LAST - timedelta(9), LAST - timedelta(5), Severity.WARNING, 3, "spent 81 % > 80 %"),
    Episode(LAST, None, Severity.CRITICAL, 1, "spent 101 % > 100 %"),
)
DRAFT = Draft(
    replace(
        MADE, policies=tuple(WrittenPolicy(name, "Budget", "o", "", "sha", "d.yaml", 1, "") for name in ("a", "u", "e"))
    ),
    days={UNKNOWN.anchor: verdict_days([UNKNOWN], SETTINGS.timezone)},
    alerts={FIRING.anchor: ALERTS},
    period=Period(LAST - timedelta(89), LAST + timedelta(1)),
    billed_through=date(2026, 3, 18),
    lake_faults=("costs/part-1.parquet is lost",),
)


UNDRAWN = replace(DRAFT, snapshot=replace(DRAFT.snapshot, tracks=()))


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    return dict(PAGES.draft(DRAFT, PROFILES))


@pytest.mark.parametrize("service", ["", "https://finops.example.com/cost"])
def test_every_link_leads_to_a_file_or_to_the_service(drawn: dict[str, bytes], service: str) -> None:
    files = dict(PAGES.draft(replace(UNDRAWN, service_url=service), PROFILES)) if service else drawn
    pages = {name: body.decode() for name, body in files.items() if name.endswith(".html")}
    assert set(pages) == {"index.html", f"{FIRING.anchor}.html", f"{UNKNOWN.anchor}.html"}
    linked = {
        unescape(target)
        for page in pages.values()
        for target in re.findall(r'(?:href|src|srcset|action)="([^"#]+)"', page)
    }
    outside = {target for target in linked if target not in files}
    assert all(service and target.startswith(f"{service}/") for target in outside)
    assert set(files) <= linked, "no file that no page shows"
    for page in pages.values():
        assert "<title>Draft: " in page
        assert "<form" not in page
        assert "<script" not in page
        assert "/alerts/" not in page, "there is no alert of a draft"


def test_a_draft_says_what_it_is_how_old_its_data_are_and_what_is_not_known(drawn: dict[str, bytes]) -> None:
    index, firing, unknown = (text(drawn[f"{name}.html"].decode()) for name in ("index", FIRING.anchor, UNKNOWN.anchor))
    for page in (index, firing, unknown):
        assert "Draft. Not live: no alert is sent, no metric is published and nothing is stored." in page
        assert "Evaluated as of 20 March 2026, 06:00 UTC, and bills reach 18 March 2026, 2 days ago" in page
        assert "costs/part-1.parquet is lost" in page
    assert "e has no verdict: no group has costs in its scope." in index
    assert "2 alerts in 90 days" in index
    assert "20 March 2026 still firing, 1 firing day Critical" in firing
    assert "11 March 2026 resolved 15 March 2026, 3 firing days Warning" in firing
    assert "Spent unknown" in unknown
    assert "0 alerts in the 90 days through 20 March 2026, 1 day unknown, no verdict on 89 days." in unknown
    assert "there are no bills yet" in text(
        dict(PAGES.draft(replace(UNDRAWN, billed_through=None), PROFILES))["index.html"].decode()
    )
