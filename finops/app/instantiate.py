"""An entry of finops.yaml -> the part that its kind makes of it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from finops.config.settings import DemandEntry, ReceiverEntry, SourceEntry
from finops.errors import BadArguments


def make(entry: SourceEntry | DemandEntry | ReceiverEntry, offered: Mapping[str, Any]) -> Any:
    """``from_options(name, options, …)`` of the entry's class, with those of ``offered`` that it names.

    A kind asks for what it needs by the name of a keyword-only parameter, so that one more thing on offer changes no
    kind that is there. Raises ``BadArguments`` for a kind that asks for what nobody offers.
    """
    parameters = inspect.signature(entry.factory.from_options).parameters.values()
    asked = [one for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY]
    for one in asked:
        if one.name not in offered and one.default is inspect.Parameter.empty:
            raise BadArguments(
                f"the kind {entry.kind} requires '{one.name}', which this version of finops does not provide",
                where=entry.name,
                remedy=f"Install a compatible version of the kind; available: {', '.join(sorted(offered))}",
            )
    return entry.factory.from_options(
        entry.name, entry.options, **{one.name: offered[one.name] for one in asked if one.name in offered}
    )
