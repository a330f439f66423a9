"""A silence that names what no alert has would silence nothing, and nobody would notice."""

from __future__ import annotations

from finops.app.container import Container
from finops.documents import did_you_mean
from finops.errors import BadArguments
from finops.model.matcher import OWN_KEYS, Matcher


def check_matcher(matcher: Matcher, parts: Container) -> None:
    """Raises ``BadArguments`` for a key that is none of an alert's own, no column and no key of a group."""
    near = {*OWN_KEYS, *parts.columns.dimensions, *(key for one in parts.state.alerts.alerts() for key in one.group)}
    for key in matcher:
        if key not in near and key not in parts.columns.types:
            raise BadArguments(f"no alert has a '{key}'", where="matcher", remedy=did_you_mean(key, near))
