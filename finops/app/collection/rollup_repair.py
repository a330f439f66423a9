"""Readers see every row that is known."""

from __future__ import annotations

import structlog

from finops.ports.lake import Lake

log = structlog.get_logger("finops.healing")


def heal(lake: Lake) -> None:
    """Brings the rollup up after a crash between two commits, or to the dimensions that finops.yaml has now.

    Says so in the log. Raises what the lake raises.
    """
    for healed in lake.heal():
        log.info("healed", lake=healed)
