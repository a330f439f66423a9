"""A policy that fails while it is evaluated: a fault of what it brings, not of the lake, so it concerns it alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import polars as pl

from finops.errors import FinopsError
from finops.model.untrusted import one_plain_line

T = TypeVar("T")

STORES = (FinopsError, OSError, MemoryError)
"""What a lake that cannot be read, or a machine without memory, raises: no fault of a policy."""

FAULTS = (Exception, pl.exceptions.PanicException)
"""Everything else; a panic of polars is no ``Exception``."""

_LONGEST = 160


class PolicyFault(Exception):
    """Why a policy cannot be evaluated: the reason of its verdict. Never leaves ``finops.evaluate``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def kind_fault(kind: str, doing: str, error: BaseException) -> PolicyFault:
    """``doing``: what the kind was asked to do, as a verb in its base form."""
    return PolicyFault(f"kind {kind} failed to {doing} with {type(error).__name__}: please report it")


@contextmanager
def of_kind(kind: str, doing: str) -> Iterator[None]:
    """Raises ``PolicyFault`` for what fails inside; the errors of ``STORES`` pass through."""
    try:
        yield
    except (PolicyFault, *STORES):
        raise
    except FAULTS as error:
        raise kind_fault(kind, doing, error) from error


@contextmanager
def of_scope() -> Iterator[None]:
    """The same for a condition that is evaluated inside, on rows that can be read."""
    try:
        yield
    except (PolicyFault, *STORES):
        raise
    except FAULTS as error:
        raise scope_fault(error) from error


def scope_fault(error: BaseException) -> PolicyFault:
    said = ""
    if isinstance(error, pl.exceptions.PolarsError):
        first = re.sub(r"\?\S+", "", next(iter(str(error).splitlines()), ""))  # no query string of an address
        said = f" ({one_plain_line(first, _LONGEST)})"
    return PolicyFault(f"its rows cannot be selected: {type(error).__name__}{said}; check the policy's scope")


def failing(items: Sequence[T], attempt: Callable[[Sequence[T]], object]) -> list[tuple[T, BaseException]]:
    """Those for which ``attempt`` raises, each alone, with what it raises; errors of ``STORES`` pass through.

    The others are attempted together: a few faults among many cost little more than the attempts of all.
    """
    if not items:
        return []
    try:
        attempt(items)
    except STORES:
        raise
    except FAULTS as error:
        if len(items) == 1:
            return [(items[0], error)]
        middle = len(items) // 2
        return [*failing(items[:middle], attempt), *failing(items[middle:], attempt)]
    return []
