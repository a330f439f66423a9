"""A silence that names what no alert has would silence nothing, and nobody would notice."""

from __future__ import annotations

from finops.documents import did_you_mean
from finops.errors import BadArguments
from finops.model.columns import Columns
from finops.model.silence import OWN_KEYS, Matcher
from finops.ports.state import AlertStore


def check_matcher(matcher: Matcher, columns: Columns, alerts: AlertStore) -> None:
    """Raises ``BadArguments`` for a key that is none of an alert's own, no column and no key of a group."""
    near = {*OWN_KEYS, *columns.dimensions, *(key for one in alerts.alerts() for key in one.group)}
    for key in matcher:
        if key not in near and key not in columns.types:
            raise BadArguments(f"no alert has a '{key}'", where="matcher", remedy=did_you_mean(key, near))
