"""The colours of drawings, and their counterparts where people prefer dark pages.

Cost is blue and demand orange, which readers with any common colour blindness tell apart; no line is known by its
colour alone.
"""

from __future__ import annotations

INK, GRID, TEXT = "#1d4f91", "#e4e6ea", "#5a6270"
DUE, OVER, TODAY = "#7a8290", "#b42318", "#a6adb8"
DEMAND, CALM = "#b4540a", "#9fb8d9"

_DARK = {
    INK: "#7fb0f5",
    GRID: "#2b313b",
    TEXT: "#a5adba",
    DUE: "#8d97a6",
    OVER: "#f2786d",
    TODAY: "#5d6675",
    DEMAND: "#f0a35e",
    CALM: "#3d5a80",
}


def for_dark_pages(svg: str) -> str:
    """The same drawing in the colours of a dark page."""
    for light, dark in _DARK.items():
        svg = svg.replace(light, dark)
    return svg
