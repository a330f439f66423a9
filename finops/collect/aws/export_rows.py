"""The files of one billing period -> parts with FOCUS columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from finops.collect.aws.bucket import Bucket, StoredObject
from finops.collect.aws.cur import CurConversion, is_cur
from finops.collect.formats.form import Form, form_of, scan
from finops.errors import RefusedBatch
from finops.objectstore.bounds import DEFAULT_LIMITS, InputLimits
from finops.objectstore.unreadable import unreadable
from finops.ports.source import Part

_HALF_A_CENT = 0.005


def export_parts(
    bucket: Bucket, files: Sequence[StoredObject], period: date, limits: InputLimits = DEFAULT_LIMITS
) -> tuple[Part, ...]:
    """A part a file, whose rows stream from S3. Raises ``RefusedBatch`` for a file that is neither CSV nor Parquet."""
    offsets: dict[str, CurConversion] = {}
    rows = [_Rows(bucket, file, _form(bucket, file), limits, offsets) for file in files]
    for last in rows[-1:]:
        last.is_last = True
    return tuple(Part(one.uri, one.open, verify=one.verify, billing_period=period) for one in rows)


def _form(bucket: Bucket, file: StoredObject) -> Form:
    form = form_of(file.key)
    if form is None:
        remedy = "Export as Parquet or as gzip/CSV"
        raise RefusedBatch("it is neither CSV nor Parquet", where=bucket.uri(file.key), remedy=remedy)
    return form


@dataclass
class _Rows:
    """``conversions``: of all files of the period that are Cost and Usage Reports, by uri."""

    bucket: Bucket
    file: StoredObject
    form: Form
    limits: InputLimits
    conversions: dict[str, CurConversion] = field(repr=False)
    is_last: bool = False
    was_opened: bool = False
    was_checked: bool = False

    @property
    def uri(self) -> str:
        return self.bucket.uri(self.file.key)

    def open(self) -> pl.LazyFrame:
        if self.was_opened:  # the first time, the file was just looked at; later, something may have gone wrong
            self._check_unchanged()
        self.was_opened = True
        try:
            rows = scan(self.bucket.location.at(self.uri), self.form, limits=self.limits, checked=self.was_checked)
            self.was_checked = True
            schema = rows.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            self._check_unchanged()  # AWS's own refusal, or another content, explains it better
            raise unreadable(error, self.uri) from error
        if not is_cur(schema):
            return rows
        self.conversions[self.uri] = CurConversion(self.uri, schema)
        return self.conversions[self.uri].rows(rows)

    def verify(self) -> Mapping[str, int]:
        """What converting repaired. Raises where S3 holds another content by now, or refuses to say."""
        self._check_unchanged()
        found = self.conversions.get(self.uri)
        repaired = dict(found.repaired) if found else {}
        difference = sum(conversion.offset for conversion in self.conversions.values()) if self.is_last else 0.0
        if abs(difference) >= _HALF_A_CENT:
            # known only when all files were read; the money stands in the report, so it is said and not swallowed
            repaired[f"BilledCost: {difference:+.2f} of covered usage that savings plan negations do not take out"] = 1
        return repaired

    def _check_unchanged(self) -> None:
        self.bucket.look(self.file.key, etag=self.file.etag)
