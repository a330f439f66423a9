"""Evaluations, their findings and what they were made from."""

from __future__ import annotations

import json
import zlib

import sqlalchemy as sa

from finops.errors import UnknownFinding
from finops.model.archive import ArchivedFinding, Inputs
from finops.model.evaluation import Evaluation
from finops.model.finding import Finding
from finops.ports.clock import Clock
from finops.state import documents
from finops.state.database import Database
from finops.state.sql import identify, insert_all_new, insert_new
from finops.state.tables import evaluations, findings

_WHICH = "'finops evaluate --format json' prints ids; findings are kept for the audit time"


class Archive:
    """``finops.ports.state.FindingArchive`` on the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def save(self, evaluation: Evaluation, inputs: Inputs) -> None:
        # one document lists the others, so that a thousand unchanged policies cost an evaluation one digest
        listing = _canonical({name: documents.digest_of(text) for name, text in inputs.documents.items()})
        values = _canonical(inputs.values)
        identifier = evaluation.id
        row = {
            "id": identifier,
            "as_of": evaluation.as_of,
            "saved_at": self._clock.now(),
            "documents_digest": documents.digest_of(listing),
            "values_digest": documents.digest_of(values),
        }
        with self._database.write(serial="archive") as connection:
            documents.store(connection, [*inputs.documents.values(), listing, values])
            if not insert_new(connection, evaluations, row):
                return
            rows = [
                {"id": finding.id, "evaluation_id": identifier, "content": _pack(finding)}
                for finding in evaluation.findings
            ]
            insert_all_new(connection, findings, rows)

    def find(self, id_or_prefix: str) -> ArchivedFinding:
        with self._database.read() as connection:
            identifier = identify(
                connection, findings.c.id, id_or_prefix, noun="finding", error=UnknownFinding, remedy=_WHICH
            )
            evaluation = evaluations.c
            chosen = sa.select(
                findings.c.content,
                findings.c.evaluation_id,
                evaluation.saved_at,
                evaluation.documents_digest,
                evaluation.values_digest,
            ).join_from(findings, evaluations)
            row = connection.execute(chosen.where(findings.c.id == identifier)).one()
            own = documents.load(connection, [row.documents_digest, row.values_digest])
            listing: dict[str, str] = json.loads(own[row.documents_digest])
            texts = documents.load(connection, listing.values())
        return ArchivedFinding(
            finding=_unpack(row.content),
            evaluation_id=row.evaluation_id,
            saved_at=row.saved_at,
            inputs=Inputs(
                documents={name: texts[digest] for name, digest in listing.items()},
                values=json.loads(own[row.values_digest]),
            ),
        )

    def document(self, digest: str) -> str | None:
        with self._database.read() as connection:
            return documents.load(connection, [digest]).get(digest)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=dict)


def _pack(finding: Finding) -> bytes:
    return zlib.compress(finding.text.encode())


def _unpack(content: bytes) -> Finding:
    return Finding.from_json(json.loads(zlib.decompress(content)))
