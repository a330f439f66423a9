"""One file of an export -> rows with FOCUS columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from finops.collect.aws.bucket import Bucket, StoredObject
from finops.collect.files.form import Form, form_of, scan
from finops.errors import RefusedBatch
from finops.objectstore.unreadable import unreadable
from finops.ports.source import Part


def export_part(bucket: Bucket, file: StoredObject, period: date) -> Part:
    """Its rows stream from S3. Raises ``RefusedBatch`` for a file that is neither CSV nor Parquet by name."""
    uri = bucket.uri(file.key)
    form = form_of(file.key)
    if form is None:
        raise RefusedBatch("it is neither CSV nor Parquet", where=uri, remedy="Export as Parquet or as gzip/CSV")
    rows = _Rows(bucket, file, form)
    return Part(uri, rows.open, verify=rows.verify, billing_period=period)


@dataclass
class _Rows:
    bucket: Bucket
    file: StoredObject
    form: Form
    was_opened: bool = False

    def open(self) -> pl.LazyFrame:
        if self.was_opened:  # the first time, the file was just looked at; later, something may have gone wrong
            self.verify()
        self.was_opened = True
        uri = self.bucket.uri(self.file.key)
        try:
            rows = scan(self.bucket.location.at(uri), self.form)
            rows.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            self.verify()  # AWS's own refusal, or another content, explains it better
            raise unreadable(error, uri) from error
        return rows

    def verify(self) -> Mapping[str, int]:
        """Raises where S3 holds another content by now, or refuses to say."""
        self.bucket.look(self.file.key, etag=self.file.etag)
        return {}
