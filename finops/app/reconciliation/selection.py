"""The sources that a command names."""

from __future__ import annotations

from collections.abc import Sequence

from finops.app.container import Container
from finops.errors import BadArguments


def named_sources(parts: Container, names: Sequence[str]) -> list[str]:
    """``names``, or every source. Raises ``BadArguments`` for a name that finops.yaml lacks; demand has no bill."""
    for name in names:
        if name not in parts.sources:
            known = ", ".join(sorted(parts.sources))
            raise BadArguments(f"no source is called '{name}'", where="SOURCE", remedy=f"Known are: {known}")
    return [name for name in parts.sources if not names or name in names]
