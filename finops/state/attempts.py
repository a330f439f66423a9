"""How attempts to deliver ended, counted by receiver: totals that never fall."""

from __future__ import annotations

import sqlalchemy as sa

from finops.model.message import DeliveryOutcome
from finops.state.statements import insert
from finops.state.tables import delivery_counts


def count_attempt(connection: sa.Connection, receiver: str, outcome: DeliveryOutcome) -> None:
    """One more, in the caller's transaction."""
    one = insert(connection, delivery_counts).values(receiver=receiver, outcome=outcome.value, count=1)
    connection.execute(
        one.on_conflict_do_update(
            index_elements=["receiver", "outcome"], set_={"count": delivery_counts.c["count"] + 1}
        )
    )
