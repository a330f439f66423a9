"""Charts are drawings of the track: the same bytes each time, and nothing that a strict browser would refuse."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops.model.evaluation import Track
from finops.model.period import Period
from finops_exporters.charts.burn_up import draw
from finops_exporters.charts.drawing import MOST_POINTS, Size, thinned
from finops_exporters.charts.style import DUE, INK, OVER
from finops_exporters.pages.pictures import Pictures
from tests.support.snapshots import budget, track

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


def test_a_forecast_is_a_cone_from_the_last_settled_day_that_opens_around_its_dotted_line() -> None:
    """Read off the picture itself: points of its paths, in pixels from the upper left corner."""
    days = TRACK.period.days
    ahead = {at: Decimal(9000 + 500 * at) for at in range(18)}  # 9,000 EUR on the 14th day, 17,500 EUR at the end
    middle = (*(None,) * 13, *(ahead[at] for at in range(days - 13)))
    reach = [Decimal(100 * at) for at in range(days - 13)]
    low = (*(None,) * 13, *(ahead[at] - reach[at] for at in range(days - 13)))
    high = (*(None,) * 13, *(ahead[at] + reach[at] for at in range(days - 13)))
    svg = drawn(replace(TRACK, lines={"forecast": middle, "forecast_low": low, "forecast_high": high}))

    (cone,) = paths(svg, 'fill-opacity="0.16"')
    (line,) = paths(svg, 'stroke-dasharray="1,3"')
    edge, other = cone[: len(line)], cone[len(line) :][::-1]
    assert len(line) == len(edge) == len(other) == days - 13
    for at, (point, one, two) in enumerate(zip(line, edge, other, strict=True)):
        assert point[0] == one[0] == two[0]
        assert abs(one[1] - point[1]) == pytest.approx(abs(two[1] - point[1]), abs=0.01), "as far down as up"
        assert abs(one[1] - point[1]) == pytest.approx(at * abs(edge[1][1] - line[1][1]), abs=0.05), (
            "opens by 100 a day"
        )
    assert line[0][1] > line[-1][1], "it rises"
    step = line[1][0] - line[0][0]
    assert line[0][0] == pytest.approx(14 * step, abs=0.05), "it sets out at the end of the 14th day"
    assert line[-1][0] == pytest.approx(days * step, abs=0.05), "and ends with the period"


def paths(svg: str, holding: str) -> list[list[tuple[float, float]]]:
    """The points of every path that has an attribute."""
    found = [tag for tag in re.findall(r"<path [^>]*>", svg) if holding in tag]
    drawings = [re.findall(r"[ML]([-\d.]+),([-\d.]+)", tag) for tag in found]
    return [[(float(across), float(down)) for across, down in points] for points in drawings]


def test_a_forecast_without_its_bounds_is_not_drawn() -> None:
    assert not paths(drawn(replace(TRACK, lines={"forecast": (Decimal(1),) * 31})), 'stroke-dasharray="1,3"')


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


@pytest.mark.parametrize("points", [2, MOST_POINTS, MOST_POINTS + 1, 3 * MOST_POINTS, 7305])
def test_a_long_line_keeps_its_ends_and_no_more_points_than_can_be_seen(points: int) -> None:
    rows = [{"at": at} for at in range(points)]

    shown = [row["at"] for row in thinned(rows)]

    assert (shown[0], shown[-1]) == (0, points - 1)
    assert shown == sorted(set(shown))
    assert min(points, MOST_POINTS) / 2 <= len(shown) <= min(points, MOST_POINTS + 1)


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


def test_drawings_asked_for_at_once_come_out_as_those_drawn_one_by_one() -> None:
    tracks = [track(budget(f"b{number}", spent=f"{number}000.00")) for number in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(drawn, tracks))
    assert together == [drawn(one) for one in tracks]
