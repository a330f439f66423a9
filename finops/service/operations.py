"""How the service is doing, as the exporter and the pages show it."""

from __future__ import annotations

from collections.abc import Collection

from finops.app.container import Container
from finops.model.operations import Operations, OutboxFacts, SourceFacts


def operations_of(
    parts: Container, *, leader: bool, collecting: Collection[str] = (), evaluation_error: str = ""
) -> Operations:
    """Sources (configured ones only), outbox and leadership as they are now."""
    histories, outbox = parts.state.collections.sources(), parts.state.outbox
    rows = parts.lake.row_counts()
    every = {entry.name: entry.every for entry in parts.config.sources}
    return Operations(
        sources=tuple(
            SourceFacts.of(
                standing,
                histories.get(standing.source),
                rows=rows.get(standing.source, 0),
                every=every.get(standing.source),
            )
            for standing in parts.standings()
        ),
        outbox=OutboxFacts.of(
            (entry.name for entry in parts.config.receivers), outbox.pending_counts(), outbox.delivery_counts()
        ),
        leader=leader,
        collecting=tuple(sorted(collecting)),
        evaluation_error=evaluation_error,
        evaluate_every=parts.config.evaluate_every,
    )
