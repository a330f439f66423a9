"""Silences, and what they match alerts by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finops.errors import BadArguments
from finops.model.finding import Finding, Severity

Matcher = Mapping[str, tuple[str, ...]]
"""Key -> the values that it may have; all keys must match, an empty matcher takes everything."""

OWN_KEYS = ("severity", "kind", "owner", "policy")
"""Keys that every alert has; others are keys of its group."""

_REMEDY = "Write it like policy=checkout-monthly or 'team=checkout,severity=warning'; a key given twice takes either"
_NEXT_PAIR = re.compile(r",(?=[^,=\s]+=)")
"""A comma that another ``key=`` follows: values may hold commas."""


def matches(matcher: Matcher, finding: Finding, severity: Severity | None = None) -> bool:
    """``severity``: what the alert has when its newest verdict has none."""
    found = finding.severity or severity
    facts = {
        **finding.group,
        "severity": found.value if found else "",
        "kind": finding.kind,
        "owner": finding.owner,
        "policy": finding.policy,
    }
    return all(facts.get(key) in values for key, values in matcher.items())


def parse_matcher(texts: Iterable[str]) -> Matcher:
    """``["policy=a", "team=b,severity=critical"]`` -> what all of it says together. Raises ``BadArguments``.

    The label of a group, as tables and metrics show it, is a matcher of that group.
    """
    found: dict[str, list[str]] = {}
    for text in texts:
        for pair in _NEXT_PAIR.split(text):
            key, equals, value = pair.partition("=")
            if not key.strip() or not equals:
                raise BadArguments(f"'{pair}' is not a matcher", where="MATCHER", remedy=_REMEDY)
            values = found.setdefault(key.strip(), [])
            if value not in values:
                values.append(value)
    if not found:
        raise BadArguments("it has no value", where="MATCHER", remedy=_REMEDY)
    for severity in found.get("severity", ()):
        if severity not in set(Severity):
            remedy = f"A severity is one of: {', '.join(Severity)}"
            raise BadArguments(f"'{severity}' is not a severity", where="MATCHER", remedy=remedy)
    return {key: tuple(values) for key, values in found.items()}


def matcher_label(matcher: Matcher) -> str:
    """The inverse of ``parse_matcher`` for people: ``policy=a,team=b``; keys sorted, several values in turn."""
    return ",".join(f"{key}={value}" for key in sorted(matcher) for value in matcher[key])


@dataclass(frozen=True, slots=True)
class Silence:
    """``actor`` made it at ``at``, for ``reason``; it ends at ``until``, or when somebody lifts it before.

    ``warned_at``: when the receivers of its alerts were told that it ends soon; None before that.
    """

    id: str
    matcher: Matcher
    reason: str
    actor: str
    at: datetime
    until: datetime
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lifted_note: str = ""
    warned_at: datetime | None = None

    @property
    def label(self) -> str:
        """``policy=checkout-monthly,severity=warning``."""
        return matcher_label(self.matcher)

    def is_active(self, now: datetime) -> bool:
        return self.lifted_at is None and now < self.until

    def covers(self, finding: Finding, severity: Severity | None = None) -> bool:
        """``severity``: what the alert has when its newest verdict has none."""
        return matches(self.matcher, finding, severity)

    def to_json(self) -> dict[str, Any]:
        """The form of ``finops alerts silences --format json`` and of the API; times ISO 8601."""
        return {
            "id": self.id,
            "matcher": {key: list(values) for key, values in self.matcher.items()},
            "reason": self.reason,
            "actor": self.actor,
            "at": self.at.isoformat(),
            "until": self.until.isoformat(),
            "lifted_at": self.lifted_at.isoformat() if self.lifted_at else None,
            "lifted_by": self.lifted_by,
            "lifted_note": self.lifted_note,
        }


def silence_of(silences: Iterable[Silence], finding: Finding, severity: Severity | None) -> Silence | None:
    """Of the silences that cover an alert the one that lasts longest."""
    covering = (silence for silence in silences if silence.covers(finding, severity))
    return max(covering, key=lambda silence: (silence.until, silence.id), default=None)
