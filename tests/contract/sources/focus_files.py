"""``focus-files`` on disk, in S3 (moto), Google Cloud Storage (moto too: Google's XML API is S3's) and Azure Data Lake
Storage (Azurite): a file a month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from finops.collect.files import FocusFiles, FocusFilesOptions
from finops.objectstore.location import Location
from finops.ports.source import Source
from tests.contract.sources.focus_rows import as_csv, as_csv_gz, as_parquet, focus_frame
from tests.contract.sources.place import MARCH, NAME, Case, Line
from tests.contract.sources.s3_answers import SLOW_DOWN, at_first, fault_of
from tests.servers.faulty import FaultyServer

KIND = "focus-files"

_NO_DELIVERY = "a folder of files has no manifest that could announce anything"
GAPS = {
    Case.EMPTY: "nothing in a file without rows says which month it is of",
    Case.PART_MISSING: _NO_DELIVERY,
    Case.HALF_WRITTEN: "whoever copies files is asked to rename them into place; a cut file is a truncated one",
    Case.WRONG_DIGEST: _NO_DELIVERY,
    Case.WRONG_ROW_COUNT: _NO_DELIVERY,
    Case.COUNTED: "obstore and Polars wait and try again by themselves and do not tell",
}
ON_DISK = {
    Case.THROTTLED: "a local disk never asks to wait",
    Case.EXPIRED: "a local disk has no credentials",
    Case.DENIED: "root reads every file, and tests in containers are root; the unit tests deny by a patch",
    Case.CUT: "a read of a local disk is whole or fails",
}
_FAULTLESS = "Azurite's keys do not expire and it never refuses; azure-cost-export shows Azure's faults"
IN_AZURE = dict.fromkeys((Case.THROTTLED, Case.EXPIRED, Case.DENIED, Case.CUT), _FAULTLESS)
IN_GOOGLE = dict.fromkeys(
    (Case.THROTTLED, Case.EXPIRED, Case.DENIED, Case.CUT), "the same client as for S3, and S3's place shows its faults"
)


@dataclass
class FilesPlace:
    root: str
    base: Path
    put: Callable[[str, bytes], object]
    remove: Callable[[str], object]
    endpoint: str | None = None
    own_gaps: Mapping[Case, str] = field(default_factory=dict)
    faulty: FaultyServer | None = None
    killed: str = "tests/integration/main_job/test_kill_collect.py::test_every_round_leaves_a_whole_state"
    secrets: tuple[str, ...] = ("testing", "Eby8vdM02xNOcqFl")

    @property
    def gaps(self) -> Mapping[Case, str]:
        return {**GAPS, **self.own_gaps}

    def source(self) -> Source:
        return self._source("bills")

    def elsewhere(self) -> Source:
        return self._source("elsewhere")

    def bill(self, month: date, *lines: Line) -> None:
        self.put(_name(month), _content(month, lines))
        self._lines = lines

    def withdraw(self, month: date) -> None:
        self.remove(_name(month))

    @contextmanager
    def fault(self, case: Case, month: date) -> Iterator[None]:
        if case is Case.TRUNCATED:
            whole = _content(month, self._lines)
            self.put(_name(month), whole[: len(whole) // 2])
            yield
            self.put(_name(month), whole)
            return
        assert self.faulty
        fault = at_first(SLOW_DOWN, 2) if case is Case.THROTTLED else fault_of(case, lambda asked: ".csv" in asked.path)
        with self.faulty.failing(fault):
            yield

    def _source(self, folder: str) -> Source:
        options = FocusFilesOptions(path=f"{self.root}/{folder}", endpoint=self.endpoint)
        return FocusFiles.from_options(NAME, options, base=self.base)


def _name(month: date) -> str:
    """A form of its own for each month; March's is in a folder of its own."""
    forms = {2: "bills/02.csv", MARCH.month: "bills/deep/03.csv.gz"}
    return forms.get(month.month, f"bills/{month.month:02}.parquet")


def _content(month: date, lines: tuple[Line, ...]) -> bytes:
    write = {2: as_csv, MARCH.month: as_csv_gz}.get(month.month, as_parquet)
    return write(focus_frame(month, lines))


def on_disk(request: pytest.FixtureRequest, folder: Path) -> FilesPlace:
    del request

    def put(name: str, content: bytes) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return FilesPlace(".", folder, put, lambda name: (folder / name).unlink(), own_gaps=ON_DISK)


def in_s3(request: pytest.FixtureRequest, folder: Path) -> FilesPlace:
    bucket = request.getfixturevalue("s3_bucket")
    client = request.getfixturevalue("moto_server").client()
    faulty: FaultyServer = request.getfixturevalue("faulty_s3")
    return FilesPlace(
        f"s3://{bucket}",
        folder,
        lambda name, content: client.put_object(Bucket=bucket, Key=name, Body=content),
        lambda name: client.delete_object(Bucket=bucket, Key=name),
        endpoint=faulty.endpoint,
        faulty=faulty,
    )


def in_azure(request: pytest.FixtureRequest, folder: Path) -> FilesPlace:
    container, server = request.getfixturevalue("azure_container"), request.getfixturevalue("azurite_server")
    root = f"abfss://{container}@{server.account}"
    store = Location.parse(root, base=folder, endpoint=server.endpoint).store()
    return FilesPlace(root, folder, store.put, store.delete, endpoint=server.endpoint, own_gaps=IN_AZURE)


def in_google(request: pytest.FixtureRequest, folder: Path) -> FilesPlace:
    server = request.getfixturevalue("moto_server")
    client = server.client()
    # the client escapes a hyphen of a bucket's name, which moto does not undo
    bucket = request.getfixturevalue("s3_bucket").replace("-", "")
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return FilesPlace(
        f"gs://{bucket}",
        folder,
        lambda name, content: client.put_object(Bucket=bucket, Key=name, Body=content, ACL="public-read"),
        lambda name: client.delete_object(Bucket=bucket, Key=name),
        endpoint=server.endpoint,
        own_gaps=IN_GOOGLE,
    )


PLACES = {"on_disk": on_disk, "in_s3": in_s3, "in_azure": in_azure, "in_google": in_google}
