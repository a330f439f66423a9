"""Alembic runs this file. The connection, already in a transaction, comes from ``finops.state.migrate``."""

from __future__ import annotations

from alembic import context

from finops.state.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
