"""A finding of the radar as the Growth policy that would have fired."""

from __future__ import annotations

import hashlib
import re

import yaml  # type: ignore[import-untyped] # the types are a package of their own, for one name

from finops.conditions import Condition
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.radar.pair import WINDOW_DAYS
from finops.model.cost_question import equals
from finops.model.finding import Group, group_label
from finops.model.radar import RadarPair

_LONGEST = 40
_STEPS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1.0)


def policy_text(data: GroupData, pair: RadarPair, condition: Condition | None) -> str:
    """A document that ``finops policies check`` takes as it is. Its threshold lies below what was found: half of the
    excess growth, rounded down to a usual share."""
    group = data.group
    owner = next((group[name] for name in data.moment.settings.dimensions[:1] if group.get(name)), "") or "finops"
    scope = [*([condition.text] if condition is not None else []), *(equals(*one) for one in sorted(group.items()))]
    threshold = max((step for step in _STEPS if step <= pair.excess / 2), default=_STEPS[0])
    document = {
        "apiVersion": "finops/v1",
        "kind": "Growth",
        "metadata": {
            "name": f"growth-{_slug(group)}",
            "owner": owner,
            "description": f"Cost against {pair.demand}. Found by the radar.",
        },
        "spec": {
            "scope": " AND ".join(scope),
            "group_by": sorted(group),
            "demand": pair.demand,
            "window": f"{WINDOW_DAYS}d",
            "alerts": [{"when": f"excess_growth > {threshold:.0%}", "severity": "warning"}],
        },
    }
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=False, width=118))


def _slug(group: Group) -> str:
    """Readable, and another one for every group."""
    text = "-".join(group[key] for key in sorted(group))
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST].strip("-")
    return "-".join(filter(None, [readable, hashlib.sha256(group_label(group).encode()).hexdigest()[:6]]))
