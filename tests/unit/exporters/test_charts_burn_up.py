"""Charts are drawings of the track: the same bytes each time, and nothing that a strict browser would refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops.model.evaluation import Track
from finops.model.period import Period
from finops_exporters.charts.burn_up import draw
from finops_exporters.charts.colours import DUE, INK, OVER
from finops_exporters.charts.drawing import Size
from finops_exporters.pages.pictures import Pictures
from tests.unit.publish.samples import budget, track

TODAY = date(2026, 3, 20)
TRACK = track(budget("checkout", spent="9500.00"))


def drawn(made: Track, today: date = TODAY) -> str:
    svg = draw(made, today)
    assert svg is not None
    return svg


def test_the_same_track_gives_the_same_bytes() -> None:
    assert drawn(TRACK) == drawn(TRACK)


def test_no_scripts_no_inline_styles_no_links() -> None:
    svg = drawn(TRACK)
    for forbidden in ("<script", "style=", "<style", "href", "<image", "<foreignObject", "url("):
        assert forbidden not in svg.replace('xmlns:xlink="http://www.w3.org/1999/xlink"', "")


def test_provisional_days_are_dashed_and_settled_ones_are_not() -> None:
    assert svg_dashes(drawn(TRACK)) == 1
    assert svg_dashes(drawn(replace(TRACK, settled_through=TRACK.days[-1]))) == 0


def svg_dashes(svg: str) -> int:
    return svg.count("stroke-dasharray")


def test_budget_spent_excess_and_today_are_all_drawn() -> None:
    svg = drawn(TRACK)
    assert all(colour in svg for colour in (INK, DUE, OVER))
    assert ">today<" in svg
    assert ">today<" not in drawn(TRACK, date(2026, 5, 1))


def test_a_period_without_days_has_no_chart() -> None:
    assert draw(replace(TRACK, days=(), spent=()), TODAY) is None


def test_what_is_spent_without_a_budget_line_is_drawn_too() -> None:
    assert INK in drawn(replace(TRACK, due=()))


@pytest.mark.parametrize(
    ("period", "label"),
    [
        (Period(date(2026, 3, 1), date(2026, 4, 1)), ">8 Mar<"),
        (Period(date(2026, 1, 1), date(2027, 1, 1)), ">Jan<"),
        (Period(date(2026, 3, 2), date(2026, 3, 9)), ">2 Mar<"),
        (Period(date(2026, 3, 2), date(2026, 3, 3)), ">2 Mar<"),
    ],
    ids=["month", "year", "week", "day"],
)
def test_days_are_named_below(period: Period, label: str) -> None:
    days = tuple(period)[:20]
    made = Track("p", "", period, "EUR", days, (Decimal(1),) * len(days), (Decimal(2),) * period.days)
    assert label in drawn(made, period.start + timedelta(days=1))


def test_a_drawing_is_made_again_only_when_what_it_shows_changes() -> None:
    drawn_at: list[Size] = []

    def counted(size: Size) -> str | None:
        drawn_at.append(size)
        return draw(TRACK, TODAY, size)

    pictures = Pictures()
    light = pictures.svg("a", counted, "card", dark=False)
    dark = pictures.svg("a", counted, "card", dark=True)
    assert light == drawn(TRACK).encode()
    assert light != dark
    assert INK.encode() not in (dark or b"")
    assert len(drawn_at) == 1
    pictures.svg("a", counted, "narrow", dark=False)
    pictures.svg("b", counted, "card", dark=False)
    assert len(drawn_at) == 3
