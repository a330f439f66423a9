"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.state.column_types import Moment, Text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _collections()
    _archive()
    _alerts()
    _outbox()


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")


def _collections() -> None:
    op.create_table(
        "collection_runs",
        sa.Column("run_id", Text, nullable=False),
        sa.Column("source", Text, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=False),
        sa.Column("outcome", Text, nullable=False),
        sa.Column("complete_through", Moment),
        sa.Column("details", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_collection_runs"),
    )
    op.create_index("ix_collection_runs_source_ended_at", "collection_runs", ["source", "ended_at"])
    op.create_table(
        "source_totals",
        sa.Column("source", Text, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("throttled", sa.BigInteger, nullable=False),
        sa.Column("request_cost_usd", Text, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_source_totals"),
    )


def _archive() -> None:
    op.create_table(
        "documents",
        sa.Column("digest", Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_documents"),
    )
    op.create_table(
        "evaluations",
        sa.Column("id", Text, nullable=False),
        sa.Column("as_of", Moment, nullable=False),
        sa.Column("saved_at", Moment, nullable=False),
        sa.Column("documents_digest", Text, nullable=False),
        sa.Column("values_digest", Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
        sa.ForeignKeyConstraint(["documents_digest"], ["documents.digest"], name="fk_evaluations_documents_digest"),
        sa.ForeignKeyConstraint(["values_digest"], ["documents.digest"], name="fk_evaluations_values_digest"),
    )
    op.create_index("ix_evaluations_saved_at", "evaluations", ["saved_at"])
    op.create_index("ix_evaluations_documents_digest", "evaluations", ["documents_digest"])
    op.create_index("ix_evaluations_values_digest", "evaluations", ["values_digest"])
    op.create_table(
        "findings",
        sa.Column("id", Text, nullable=False),
        sa.Column("evaluation_id", Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name="fk_findings_evaluation_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_findings_evaluation_id", "findings", ["evaluation_id"])
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
        sa.CheckConstraint("id = 1", name="one_row"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_table(
        "alert_changes",
        sa.Column("alert_id", Text, nullable=False),
        sa.Column("change", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("before", Text, nullable=False),
        sa.Column("after", Text, nullable=False),
        sa.Column("severity", Text, nullable=False),
        sa.Column("evaluation_id", Text, nullable=False),
        sa.Column("finding_id", Text, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("note", Text, nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "change", name="pk_alert_changes"),
    )
    op.create_index("ix_alert_changes_at", "alert_changes", ["at"])
    op.create_index("ix_alert_changes_finding_id", "alert_changes", ["finding_id"])
    op.create_table(
        "applied_evaluations",
        sa.Column("evaluation_id", Text, nullable=False),
        sa.Column("as_of", Moment, nullable=False),
        sa.Column("applied_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", name="pk_applied_evaluations"),
    )
    op.create_index("ix_applied_evaluations_as_of", "applied_evaluations", ["as_of"])
    op.create_index("ix_applied_evaluations_applied_at", "applied_evaluations", ["applied_at"])


def _outbox() -> None:
    op.create_table(
        "messages",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), nullable=False),
        sa.Column("id", Text, nullable=False),
        sa.Column("receiver", Text, nullable=False),
        sa.Column("evaluation_id", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_until", Moment),
        sa.Column("token", Text),
        sa.Column("ended_at", Moment),
        sa.Column("answer", Text),
        sa.PrimaryKeyConstraint("position", name="pk_messages"),
        sa.UniqueConstraint("id", name="uq_messages_id"),
    )
    op.create_index("ix_messages_state_receiver_due_at", "messages", ["state", "receiver", "due_at"])
    op.create_table(
        "notices",
        sa.Column("alert_id", Text, nullable=False),
        sa.Column("change", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("receiver", Text, nullable=False),
        sa.Column("message_id", Text, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("notice", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "change", "receiver", name="pk_notices"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_notices_message_id", ondelete="CASCADE"),
    )
    op.create_index("ix_notices_message_id_place", "notices", ["message_id", "place"])
    op.create_table(
        "delivery_counts",
        sa.Column("receiver", Text, nullable=False),
        sa.Column("outcome", Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("receiver", "outcome", name="pk_delivery_counts"),
    )
