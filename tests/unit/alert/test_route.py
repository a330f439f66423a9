"""Notifications of what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finops.model.finding import Severity
from finops.model.route import Route, receivers_of
from tests.support.verdicts import verdict

DAY = timedelta(days=1)


def test_the_first_route_that_matches_decides() -> None:
    routes = [
        Route({"severity": ("critical",)}, ("oncall", "finance"), DAY),
        Route({"kind": ("Budget",)}, ("finance",)),
    ]

    assert receivers_of(verdict(severity=Severity.CRITICAL), routes) == {"oncall": DAY, "finance": DAY}
    assert receivers_of(verdict(severity=Severity.WARNING), routes) == {"finance": None}
    assert receivers_of(verdict(kind="Freshness"), routes) == {}


def test_a_route_that_goes_on_adds_the_next() -> None:
    routes = [Route({}, ("log",), goes_on=True), Route({}, ("finance",)), Route({}, ("nobody",))]

    assert list(receivers_of(verdict(), routes)) == ["log", "finance"]


def test_the_most_frequent_repeat_counts() -> None:
    routes = [Route({}, ("a",), 2 * DAY, True), Route({}, ("a",), None, True), Route({}, ("a",), DAY)]

    assert receivers_of(verdict(), routes) == {"a": DAY}


@pytest.mark.parametrize(
    ("match", "matches"),
    [
        ({}, True),
        ({"severity": ("info", "warning")}, True),
        ({"severity": ("critical",)}, False),
        ({"kind": ("Budget",), "owner": ("team-checkout",)}, True),
        ({"kind": ("Budget",), "owner": ("another",)}, False),
        ({"policy": ("checkout-monthly",)}, True),
        ({"environment": ("prod",)}, True),
        ({"environment": ("dev",)}, False),
        ({"team": ("checkout",)}, False),
        ({"severity": ()}, False),
    ],
)
def test_all_keys_must_match(match: dict[str, tuple[str, ...]], matches: bool) -> None:
    finding = verdict(group={"environment": "prod", "severity": "critical"})

    assert Route(match, ("a",)).matches(finding) is matches
