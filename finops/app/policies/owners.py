"""Which values of a dimension mean nobody."""

from __future__ import annotations

from collections.abc import Sequence

from finops.model.policy import Policy

_NOBODY = ("unallocated",)
"""Where no policy says which values mean nobody; an Allocation policy's own default."""


def unset_values(policies: Sequence[Policy], by: str) -> tuple[str, ...]:
    """Values of ``by`` that mean nobody, as the policies say that ask who owns a cost."""
    said = {value for policy in policies for value in policy.spec.unowned_values().get(by, ())}
    return tuple(sorted(said)) or _NOBODY
