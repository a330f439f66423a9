"""What people did, in a table that takes no changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_REFUSAL = "entries of the audit log are never changed"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("action", Text, nullable=False),
        sa.Column("actor", Text, nullable=False),
        sa.Column("proof", Text, nullable=False),
        sa.Column("address", Text, nullable=False),
        sa.Column("target", Text, nullable=False),
        sa.Column("subject", Text, nullable=False),
        sa.Column("why", Text, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    for statement in _triggers(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")


def _triggers(dialect: str) -> tuple[str, ...]:
    """The database itself refuses to change an entry; deleting is left for what is older than the audit time."""
    before = "CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit"
    if dialect == "sqlite":
        return (f"{before} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",)
    body = f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    return (
        f"CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS {body}",
        f"{before} FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
    )
