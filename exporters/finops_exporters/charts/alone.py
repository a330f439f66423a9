"""One drawing at a time in a process."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

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
