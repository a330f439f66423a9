"""``commitments`` and ``invoices``: what sources deliver of them, and what the newest ``costs`` say.

A series is one dataset of one source. That of Cost and Usage is derived: it is brought up to ``costs`` after each
collection, and billing periods whose delivery is the one that its rows were made from are not read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256

import polars as pl
from deltalake import DeltaTable

from finops.errors import BrokenStore, NotFound
from finops.lake.rollup.records import READ, VERSION, commitments_of, invoices_of
from finops.lake.tables.columns import with_columns_of
from finops.lake.tables.failures import lake_failures
from finops.lake.tables.ledger import known_periods, latest
from finops.lake.tables.soundness import delete_table, has_readable_log, lost_series, stored_sizes, undamaged, unsound
from finops.lake.tables.table import Table, files
from finops.lake.write.series import SeriesWriter, StagedSeries, series_digests
from finops.model.wording import count_text
from finops.ports.lake import Known, Run
from finops.ports.records import SCHEMAS, Dataset, NewRecords, RecordTable

_DERIVED: Mapping[RecordTable, Callable[[pl.LazyFrame], pl.DataFrame]] = {
    "commitments": commitments_of,
    "invoices": invoices_of,
}


class RecordsWriter:
    """Writes both tables. Raises what a store raises, and ``LakeConflict``."""

    def __init__(self, costs: Table, commitments: Table, invoices: Table) -> None:
        self._costs = costs
        self._tables: Mapping[RecordTable, Table] = {"commitments": commitments, "invoices": invoices}
        self._writers = {name: SeriesWriter(table, SCHEMAS[name]) for name, table in self._tables.items()}
        self._up_to: int | None = None

    def digests(self, source: str) -> Mapping[tuple[str, str], str]:
        """See ``finops.ports.lake.Lake.record_digests``."""
        found: dict[tuple[str, str], str] = {}
        for name in self._tables:
            known = self._known(name)
            for dataset in Dataset:
                if (digest := known.get(_series(source, dataset))) is not None:
                    found[name, dataset.value] = digest
        return found

    def replace(self, source: str, records: Sequence[NewRecords], run: Run) -> list[NewRecords]:
        """See ``finops.ports.lake.Lake.replace_records``."""
        costs = self._costs.open()
        changed = self._changed(records)
        self._write([*changed, *(self._changed(list(self._outdated(costs, [source]))) if costs else ())], run)
        return changed

    def catch_up(self, run: Run) -> list[str]:
        """Brings what is derived of all sources to the newest ``costs``; says what it did."""
        costs = self._costs.open()
        if costs is None or costs.version() == self._up_to:
            return []
        try:
            outdated = self._changed(list(self._outdated(costs)))
            self._write(outdated, run)
        except (BrokenStore, NotFound) as error:  # whoever counts what is broken is told: ``Lake.faults``
            return [f"commitments and invoices are those of before: {error}"]
        self._up_to = costs.version()
        count = count_text(len({one.source for one in outdated}), "source")
        return [f"derived commitments and invoices of {count}"] if outdated else []

    def rebuild(self, run: Run) -> str:
        """Derives everything anew, whatever state the tables are in; says what it did.

        What sources delivered stays, but for what is lost: the next collection brings it again.
        """
        lost: list[str] = []
        for name, table in self._tables.items():
            if not has_readable_log(table):
                delete_table(table)
                lost.append(f"all of {name}")
                continue
            gone = [one for one in _broken(table) if one[1] != Dataset.COST_AND_USAGE.value]
            empty = pl.DataFrame(schema=SCHEMAS[name])
            self._write([NewRecords(name, source, Dataset(of), empty, "lost") for source, of in gone], run, always=True)
            lost += [f"{Dataset(of).title} of {source}" for source, of in gone]
        costs = self._costs.open()
        derived = [one for one in self._outdated(costs, anew=True) if self._matters(one)] if costs else []
        self._write(derived, run, always=True)
        rest = f"; lost: {', '.join(lost)}: 'finops collect' brings what sources delivered again" if lost else ""
        if not derived and not lost:
            return ""
        return f"derived commitments and invoices of {count_text(len({one.source for one in derived}), 'source')}{rest}"

    def _changed(self, records: Sequence[NewRecords]) -> list[NewRecords]:
        return [one for one in records if self._digest_of(one) != one.digest and self._matters(one)]

    def _matters(self, one: NewRecords) -> bool:
        """Nothing of what was never there is no change."""
        return bool(one.frame.height) or self._digest_of(one) is not None

    def _digest_of(self, one: NewRecords) -> str | None:
        return self._known(one.table).get(_series(one.source, one.dataset))

    def _write(self, records: Sequence[NewRecords], run: Run, *, always: bool = False) -> None:
        for name, writer in self._writers.items():
            staged = [_staged(one, always=always) for one in records if one.table == name]
            if staged:
                writer.replace(staged, run)

    def _outdated(
        self, costs: DeltaTable, sources: Sequence[str] | None = None, *, anew: bool = False
    ) -> Iterator[NewRecords]:
        broken = {source for source, _ in unsound(self._costs, costs)}
        for source in latest(self._costs, costs.version()) if sources is None else sources:
            if source in broken:  # what was derived of it stays until it is repaired
                continue
            known = {str(period): one for period, one in known_periods(self._costs, costs.version(), source).items()}
            for name in _DERIVED:
                if anew or self._known(name).get(_series(source, Dataset.COST_AND_USAGE)) != _digest(known):
                    yield self._derived(name, costs, source, known, anew=anew)

    def _derived(
        self, name: RecordTable, costs: DeltaTable, source: str, known: Mapping[str, Known], *, anew: bool
    ) -> NewRecords:
        deliveries = {period: _delivery(one) for period, one in known.items()}
        kept = pl.DataFrame(schema=SCHEMAS[name]) if anew else self._kept(name, source, deliveries)
        have = {str(period) for period in kept["billing_period"].unique()}
        due = [one.billing_period for period, one in known.items() if period not in have]
        with lake_failures(f"{self._costs.location.uri}, version {costs.version()}"):
            rows = with_columns_of(self._costs.scan(costs.version()), READ).filter(
                pl.col("source") == source, pl.col("billing_period").is_in(due)
            )
            fresh = _DERIVED[name](
                rows.select(*(pl.col(of).cast(dtype) for of, dtype in READ.items()), "billing_period")
            )
        delivery = pl.col("billing_period").cast(pl.String).replace_strict(deliveries, return_dtype=pl.String)
        frame = pl.concat([kept, fresh.with_columns(delivery.alias("delivery"))]) if fresh.height else kept
        return NewRecords(name, source, Dataset.COST_AND_USAGE, frame, _digest(known))

    def _kept(self, name: RecordTable, source: str, deliveries: Mapping[str, str]) -> pl.DataFrame:
        """Rows whose billing period was not delivered anew since."""
        table, schema = self._tables[name], SCHEMAS[name]
        read = undamaged(table)
        if read is None or _series(source, Dataset.COST_AND_USAGE) not in self._known(name):
            return pl.DataFrame(schema=schema)
        with lake_failures(f"{table.location.uri}, version {read.version()}"):
            rows = with_columns_of(table.scan(read.version()), schema).filter(
                pl.col("source") == source, pl.col("dataset") == Dataset.COST_AND_USAGE.value
            )
            current = pl.DataFrame(
                {"billing_period": list(deliveries), "delivery": list(deliveries.values())},
                schema={"billing_period": pl.String, "delivery": pl.String},
            ).with_columns(pl.col("billing_period").str.to_date())
            return (
                rows.select(schema.names())
                .join(current.lazy(), on=["billing_period", "delivery"], how="semi")
                .collect()
            )

    def _known(self, name: RecordTable) -> Mapping[str, str]:
        """Series -> digest; without those whose rows are lost, so that they are written again."""
        table = self._tables[name]
        read = undamaged(table)
        if read is None:
            return {}
        lost = lost_series(table, read)
        return {of: digest for of, digest in series_digests(table, read.version()).items() if of not in lost}


def _broken(table: Table) -> list[tuple[str, str]]:
    """(source, dataset) of files that are lost or changed."""
    read = table.open()
    if read is None:
        return []
    stored = stored_sizes(table)
    wrong = [file for file in files(read) if stored.get(file["path"]) != file["size_bytes"]]
    return sorted({(file["partition.source"], file["partition.dataset"]) for file in wrong})


def _series(source: str, dataset: Dataset) -> str:
    return f"{dataset.value} {source}"


def _staged(one: NewRecords, *, always: bool) -> StagedSeries:
    schema = SCHEMAS[one.table]
    own = {"source": one.source, "dataset": one.dataset.value}
    rows = with_columns_of(
        one.frame.drop(list(own), strict=False).lazy(), pl.Schema({k: v for k, v in schema.items() if k not in own})
    )
    whole = rows.with_columns(pl.lit(value).alias(name) for name, value in own.items())
    typed = whole.select(pl.col(name).cast(dtype) for name, dtype in schema.items()).collect()
    return StagedSeries(_series(one.source, one.dataset), typed, one.digest, own, always)


def _delivery(known: Known) -> str:
    return f"{VERSION} {known.digest}"


def _digest(known: Mapping[str, Known]) -> str:
    text = "\n".join(f"{period} {_delivery(one)}" for period, one in sorted(known.items()))
    return f"sha256:{sha256(text.encode()).hexdigest()}"
