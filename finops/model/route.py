"""Notifications of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from finops.model.finding import Finding, Severity
from finops.model.silence import Matcher, matches


@dataclass(frozen=True, slots=True)
class Route:
    """One entry of ``routes:``. An empty ``match`` takes everything.

    ``match``: ``severity``, ``kind``, ``owner``, ``policy`` or the name of a group's dimension, each with the values
    that it may have; all keys must match. ``repeat``: how often a firing alert is told again (None: never).
    ``goes_on`` (``continue: true``): the next routes are tried too.
    """

    match: Matcher
    to: tuple[str, ...]
    repeat: timedelta | None = None
    goes_on: bool = False

    def matches(self, finding: Finding, severity: Severity | None = None) -> bool:
        """``severity``: what the alert has when its newest verdict has none."""
        return matches(self.match, finding, severity)


def receivers_of(
    finding: Finding, routes: Iterable[Route], severity: Severity | None = None
) -> Mapping[str, timedelta | None]:
    """The receivers of a finding and how often each is told again, in the order of the routes.

    As in Alertmanager, the first route that matches decides; with ``goes_on`` the following ones are asked as well.
    A receiver that several routes name is told as often as the most frequent of them says.
    """
    found: dict[str, timedelta | None] = {}
    for _, route in _taking(finding, routes, severity):
        for receiver in route.to:
            found[receiver] = _shorter(found.get(receiver), route.repeat)
    return found


def place_of_route(receiver: str, finding: Finding, routes: Iterable[Route], severity: Severity | None = None) -> int:
    """Which route leads from a finding to a receiver, counted from 0; -1 where none does."""
    return next((place for place, route in _taking(finding, routes, severity) if receiver in route.to), -1)


def _taking(finding: Finding, routes: Iterable[Route], severity: Severity | None) -> Iterator[tuple[int, Route]]:
    for place, route in enumerate(routes):
        if route.matches(finding, severity):
            yield place, route
            if not route.goes_on:
                return


def _shorter(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    spans: Sequence[timedelta] = [span for span in (one, other) if span is not None]
    return min(spans, default=None)
