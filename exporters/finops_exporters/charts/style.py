"""The colours of drawings, and their counterparts where people prefer dark pages.

Cost is blue and demand orange, which readers with any common colour blindness tell apart; no line is known by its
colour alone.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

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


_LOCK = threading.RLock()

_Arguments = ParamSpec("_Arguments")
_Drawn = TypeVar("_Drawn")


def alone(draw: Callable[_Arguments, _Drawn]) -> Callable[_Arguments, _Drawn]:
    """For every function that draws: Altair keeps what it puts together in globals, and of two drawings at once each
    loses lines to the other."""

    @functools.wraps(draw)
    def waiting(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Drawn:
        with _LOCK:
            return draw(*arguments, **named)

    return waiting
