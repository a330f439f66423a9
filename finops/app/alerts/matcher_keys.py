"""A silence that names what no alert has would silence nothing, and nobody would notice."""

from __future__ import annotations

from collections.abc import Sequence

from finops.documents import did_you_mean
from finops.errors import BadArguments
from finops.model.columns import Columns
from finops.model.finding import Severity
from finops.model.policy import Policy, WrittenPolicy
from finops.model.silence import OWN_KEYS, Matcher
from finops.ports.state import AlertStore


def check_matcher(
    matcher: Matcher,
    columns: Columns,
    alerts: AlertStore,
    policies: Sequence[Policy] | Sequence[WrittenPolicy] | None = None,
) -> None:
    """Raises ``BadArguments`` for a key that is none of an alert's own, no column and no key of a group, and for a
    severity that there is not; with ``policies`` also for a policy, a kind or an owner that none of them and no alert
    has.
    """
    had = alerts.alerts()
    near = {*OWN_KEYS, *columns.dimensions, *(key for one in had for key in one.group)}
    for key in matcher:
        if key not in near and key not in columns.types:
            raise BadArguments(f"no alert has a '{key}'", where="matcher", remedy=did_you_mean(key, near))
    known = {"severity": {one.value for one in Severity}}
    if policies is not None:
        found = [one.finding for one in had]
        known |= {
            "policy": {*(one.name for one in policies), *(one.policy for one in found)},
            "kind": {*(one.kind for one in policies), *(one.kind for one in found)},
            "owner": {*(one.owner for one in policies), *(one.owner for one in found)},
        }
    for key in known.keys() & matcher.keys():
        for value in matcher[key]:
            if value not in known[key]:
                what = f"no {key} is called '{value}'"
                raise BadArguments(what, where="matcher", remedy=did_you_mean(value, known[key]))


def unseen_values(matcher: Matcher, alerts: AlertStore) -> list[str]:
    """A sentence for each value of a group's key that no alert has had so far: it may be misspelt, or yet to come."""
    groups = [one.group for one in alerts.alerts()]
    said = []
    for key in sorted(matcher.keys() - set(OWN_KEYS)):
        seen = {group[key] for group in groups if key in group}
        said += [
            f"no alert has had {key} '{value}' so far. {did_you_mean(value, seen, otherwise='It may be misspelt')}"
            for value in matcher[key]
            if value not in seen
        ]
    return said
