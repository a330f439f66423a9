"""The tables of the state. A change here needs a migration beside it; a test compares the two."""

from __future__ import annotations

import sqlalchemy as sa

from finops.state.column_types import Moment, Text

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

collection_runs = sa.Table(
    "collection_runs",
    metadata,
    sa.Column("run_id", Text, primary_key=True),
    sa.Column("source", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("ended_at", Moment, nullable=False),
    sa.Column("outcome", Text, nullable=False),
    sa.Column("complete_through", Moment),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Index(None, "source", "ended_at"),
)

source_totals = sa.Table(
    "source_totals",
    metadata,
    sa.Column("source", Text, primary_key=True),
    sa.Column("requests", sa.BigInteger, nullable=False),
    sa.Column("throttled", sa.BigInteger, nullable=False),
    # an exact decimal: SQLite would make a double of a number
    sa.Column("request_cost_usd", Text, nullable=False),
)

request_costs = sa.Table(
    "request_costs",
    metadata,
    sa.Column("source", Text, primary_key=True),
    # an ISO date; as text it sorts by time
    sa.Column("day", Text, primary_key=True),
    sa.Column("cost_usd", Text, nullable=False),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("digest", Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

evaluations = sa.Table(
    "evaluations",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("as_of", Moment, nullable=False),
    sa.Column("saved_at", Moment, nullable=False, index=True),
    # the document that lists the documents: {name: digest}
    sa.Column("documents_digest", Text, sa.ForeignKey("documents.digest"), nullable=False, index=True),
    sa.Column("values_digest", Text, sa.ForeignKey("documents.digest"), nullable=False, index=True),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("evaluation_id", Text, sa.ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False, index=True),
    # compressed JSON: a finding in plain is some 900 bytes, and there is one for each group and hour
    sa.Column("content", sa.LargeBinary, nullable=False),
)

snapshot = sa.Table(
    "snapshot",
    metadata,
    sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1", name="one_row"), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("state", Text, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
    # what lists are filtered and sorted by, out of the record
    sa.Column("status", Text, nullable=False),
    sa.Column("severity", Text, nullable=False),
    sa.Column("policy", Text, nullable=False),
    sa.Column("group_label", Text, nullable=False),
    sa.Column("owner", Text, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.Index(None, "state", "status", "severity", "owner", "policy"),
)

alert_changes = sa.Table(
    "alert_changes",
    metadata,
    sa.Column("alert_id", Text, primary_key=True),
    sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("actor", Text, nullable=False),
    sa.Column("reason", Text, nullable=False),
    sa.Column("before", Text, nullable=False),
    sa.Column("after", Text, nullable=False),
    sa.Column("severity", Text, nullable=False),
    sa.Column("evaluation_id", Text, nullable=False),
    sa.Column("finding_id", Text, nullable=False, index=True),
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("note", Text, nullable=False),
)

silences = sa.Table(
    "silences",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("matcher", sa.JSON, nullable=False),
    sa.Column("reason", Text, nullable=False),
    sa.Column("actor", Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False, index=True),
    sa.Column("lifted_at", Moment),
    sa.Column("lifted_by", Text, nullable=False),
    sa.Column("lifted_note", Text, nullable=False),
    sa.Column("warned_at", Moment),
)

applied_evaluations = sa.Table(
    "applied_evaluations",
    metadata,
    sa.Column("evaluation_id", Text, primary_key=True),
    sa.Column("as_of", Moment, nullable=False, index=True),
    sa.Column("applied_at", Moment, nullable=False, index=True),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
    sa.Column("id", Text, nullable=False, unique=True),
    sa.Column("receiver", Text, nullable=False),
    sa.Column("evaluation_id", Text, nullable=False),
    sa.Column("reason", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # the lease: while it lasts, the message is in the hands of the claim with this token
    sa.Column("leased_until", Moment),
    sa.Column("token", Text),
    sa.Column("ended_at", Moment),
    sa.Column("answer", Text),
    sa.Index(None, "state", "receiver", "due_at"),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("alert_id", Text, primary_key=True),
    sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("receiver", Text, primary_key=True),
    sa.Column("message_id", Text, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("notice", sa.JSON, nullable=False),
    sa.Index(None, "message_id", "place"),
)

statement_deliveries = sa.Table(
    "statement_deliveries",
    metadata,
    sa.Column("order", Text, primary_key=True),
    # an ISO date: the first of the month, or the day a weekly digest was due
    sa.Column("month", Text, primary_key=True),
    sa.Column("receiver", Text, primary_key=True),
    sa.Column("state", Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("answer", Text),
)

delivery_counts = sa.Table(
    "delivery_counts",
    metadata,
    sa.Column("receiver", Text, primary_key=True),
    sa.Column("outcome", Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("name", Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

# exactly one row: the lease of the replica that leads
leader = sa.Table(
    "leader",
    metadata,
    sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1", name="one_row"), primary_key=True),
    # empty: it was given up
    sa.Column("holder", Text, nullable=False),
    # counts changes of hands
    sa.Column("token", sa.BigInteger, nullable=False),
    # counts renewals
    sa.Column("beat", sa.BigInteger, nullable=False),
    # whether the holder has the lock that ends with its process
    sa.Column("locked", sa.Boolean, nullable=False),
)


@sa.event.listens_for(leader, "after_create")
def _nobody_leads(table: sa.Table, connection: sa.Connection, **_: object) -> None:
    connection.execute(table.insert().values(id=1, holder="", token=0, beat=0, locked=False))


# what people asked the leader to run; a row goes when a run that began later has ended
requested_jobs = sa.Table(
    "requested_jobs",
    metadata,
    sa.Column("job", Text, primary_key=True),
    sa.Column("asked_at", Moment, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("action", Text, nullable=False),
    sa.Column("actor", Text, nullable=False),
    sa.Column("proof", Text, nullable=False),
    sa.Column("address", Text, nullable=False),
    sa.Column("target", Text, nullable=False),
    sa.Column("subject", Text, nullable=False),
    sa.Column("why", Text, nullable=False),
)


@sa.event.listens_for(audit, "after_create")
def _append_only(_table: sa.Table, connection: sa.Connection, **_: object) -> None:
    """The database itself refuses to change an entry; deleting is left for what is older than the audit time."""
    refusal = "'entries of the audit log are never changed'"
    before = "CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"{before} BEGIN SELECT RAISE(ABORT, {refusal}); END")
        return
    body = f"$$ BEGIN RAISE EXCEPTION {refusal}; END $$"
    connection.exec_driver_sql(f"CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS {body}")
    connection.exec_driver_sql(f"{before} FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()")


verdict_days = sa.Table(
    "verdict_days",
    metadata,
    sa.Column("place", Text, primary_key=True),
    # an ISO date; as text it sorts by time
    sa.Column("day", Text, primary_key=True, index=True),
    sa.Column("as_of", Moment, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("severity", Text),
    sa.Column("measure", Text, nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("limit", sa.Double),
    sa.Column("reason", Text, nullable=False),
    sa.Column("then", sa.Boolean, nullable=False),
)

policy_texts = sa.Table(
    "policy_texts",
    metadata,
    sa.Column("file", Text, primary_key=True),
    # compressed, like documents; those are pruned with the evaluations that name them
    sa.Column("content", sa.LargeBinary, nullable=False),
)

known_policies = sa.Table(
    "known_policies",
    metadata,
    sa.Column("name", Text, primary_key=True),
    sa.Column("missing_since", Moment),
    sa.Column("removal_confirmed", sa.Boolean, nullable=False),
)

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("policy", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("policy_digest", Text, nullable=False),
    sa.Column("group", sa.JSON, nullable=False),
    sa.Column("group_label", Text, nullable=False),
    sa.Column("owner", Text, nullable=False),
    sa.Column("alert_id", Text, nullable=False, index=True),
    # ISO dates
    sa.Column("since", Text, nullable=False, index=True),
    sa.Column("until", Text),
    sa.Column("currency", Text, nullable=False),
    # day -> cost and expected cost, every digit
    sa.Column("days", sa.JSON, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("ended_at", Moment, index=True),
    # empty while it is open
    sa.Column("end", Text, nullable=False, index=True),
    sa.Column("actor", Text, nullable=False),
    sa.Column("reason", Text, nullable=False),
)

sign_offs = sa.Table(
    "sign_offs",
    metadata,
    sa.Column("team", Text, primary_key=True),
    # an ISO date, the first of the month
    sa.Column("month", Text, primary_key=True),
    sa.Column("at", Moment, primary_key=True),
    sa.Column("actor", Text, nullable=False),
    sa.Column("note", Text, nullable=False),
    # every digit
    sa.Column("total", Text, nullable=False),
    sa.Column("currency", Text, nullable=False),
)

savings = sa.Table(
    "savings",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("scope", Text, nullable=False),
    # an ISO date
    sa.Column("since", Text, nullable=False),
    sa.Column("demand", Text, nullable=False),
    sa.Column("actor", Text, nullable=False),
    sa.Column("note", Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("withdrawn_at", Moment),
)
