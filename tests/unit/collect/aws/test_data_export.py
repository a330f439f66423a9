"""What is read of an export, what it costs, and what is told when it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from finops.app.collection.source import collect
from finops.collect.aws.bucket import Bucket, StoredObject
from finops.collect.aws.execution import look_at
from finops.collect.aws.manifest import Manifest
from finops.errors import FinopsError, RefusedBatch, Throttled, Unreachable
from finops.focus.dimensions import Dimensions
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake
from finops.model.collection import CollectionOutcome
from finops.objectstore.location import Location
from finops.ports.source import Usage
from tests.contract.sources.focus_rows import focus_frame
from tests.contract.sources.place import Line
from tests.contract.sources.s3_answers import DENIED, SLOW_DOWN, at_first, refusal
from tests.servers.faulty import Answer, Asked, FaultyServer
from tests.servers.moto import S3Server
from tests.unit.collect.aws.cur_rows import PLAN, as_parquet, row
from tests.unit.collect.aws.exports import Export
from tests.unit.collect.aws.test_cur_names import legacy_csv

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 4, 2, tzinfo=UTC)


def bill(*costs: str, month: date = MARCH, correction: str = "") -> pl.DataFrame:
    lines = [Line(month + timedelta(days=n), Decimal(cost)) for n, cost in enumerate(costs)]
    if correction:
        lines.append(Line(date(2026, 1, 5), Decimal(correction), correction=True))
    return focus_frame(month, lines)


@pytest.fixture
def export(s3_bucket: str, moto_server: S3Server, faulty_s3: FaultyServer) -> Export:
    return Export(moto_server.client(), s3_bucket, faulty_s3.endpoint)


@pytest.fixture
def lake(tmp_path: Path) -> DeltaLake:
    dimensions = Dimensions([], condition_columns())
    return DeltaLake(
        Location.parse("lake", base=tmp_path), dimensions=dimensions, timezone=ZoneInfo("UTC"), clock=Clock()
    )


def billed(lake: DeltaLake) -> Decimal:
    assert lake.reconcile() == []
    return Decimal(lake.at(lake.version()).costs().select("BilledCost").collect().to_series().sum())


def asked_during(server: FaultyServer, act: Callable[[], object]) -> list[Asked]:
    before = len(server.asked)
    act()
    return server.asked[before:]


def test_of_three_executions_the_current_one_counts_to_the_cent(export: Export, lake: DeltaLake) -> None:
    export.deliver(
        MARCH,
        {
            "20260310T000000Z-one": [bill("1.10", "2.20"), bill("3.30")],
            "20260320T000000Z-two": [bill("1.10", "2.25"), bill("3.35"), bill("0.01")],
            "20260401T000000Z-three": [bill("1.10", "2.25"), bill("3.35", "4.40", correction="-0.37")],
        },
    )
    run = collect(export.source(), lake, Clock()).run
    assert (run.error, run.rows) == ("", 5)
    assert billed(lake) == Decimal("10.73")
    corrected = lake.at(lake.version()).costs().filter(ChargeClass="Correction").collect()
    assert corrected.select("billing_period", "BilledCost").rows() == [(MARCH, Decimal("-0.37"))]


def test_a_restatement_replaces_even_under_the_same_names(export: Export, lake: DeltaLake) -> None:
    export.manifest(MARCH, export.files(MARCH, [bill("1"), bill("2"), bill("3")]))
    assert collect(export.source(), lake, Clock()).run.error == ""
    export.manifest(MARCH, export.files(MARCH, [bill("5"), bill("6")]))  # the third file of old is left behind
    run = collect(export.source(), lake, Clock()).run
    assert run.restated == {"EUR": Decimal(5)}
    assert billed(lake) == Decimal(11)


def test_an_unchanged_manifest_costs_one_listing_and_no_download(
    export: Export, lake: DeltaLake, faulty_s3: FaultyServer
) -> None:
    for month in (MARCH, APRIL):
        export.manifest(month, export.files(month, [bill("1", month=month), bill("2", month=month)]))
    collect(export.source(), lake, Clock())
    source = export.source()
    asked = asked_during(faulty_s3, lambda: collect(source, lake, Clock()))
    assert [(one.method, "list-type=2" in one.path) for one in asked] == [("GET", True)]
    assert (source.usage.requests, source.usage.throttled) == (1, 0)


def test_a_manifest_written_again_with_the_same_files_writes_nothing(export: Export, lake: DeltaLake) -> None:
    files = export.files(MARCH, [bill("1")])
    export.manifest(MARCH, files)
    collect(export.source(), lake, Clock())
    export.manifest(MARCH, files, executionId="again")
    run = collect(export.source(), lake, Clock()).run
    assert (run.error, run.outcome) == ("", CollectionOutcome.UNCHANGED)


def test_only_the_window_is_looked_at(export: Export, faulty_s3: FaultyServer) -> None:
    from finops.ports.source import Window

    for month in (MARCH, APRIL):
        export.manifest(month, export.files(month, [bill("1", month=month)]))
    found = []
    asked = asked_during(faulty_s3, lambda: found.append(export.source().discover({}, Window(first=APRIL))))
    assert [offer.billing_period for offer in found[0].offers] == [APRIL]
    assert not any("2026-03" in one.path for one in asked)


def test_a_month_without_files_is_an_empty_month(export: Export, lake: DeltaLake) -> None:
    export.manifest(MARCH, [])
    run = collect(export.source(), lake, Clock()).run
    assert (run.error, run.rows, run.periods) == ("", 0, (MARCH,))


def test_a_row_of_another_month_is_refused_not_lost(export: Export, lake: DeltaLake) -> None:
    export.manifest(MARCH, export.files(MARCH, [pl.concat([bill("1"), bill("2", month=APRIL)])]))
    run = collect(export.source(), lake, Clock()).run
    assert "row 2, column BillingPeriodStart" in run.error
    assert "is not in the part's period, 2026-03" in run.error


def test_throttling_is_waited_for_and_counted(export: Export, lake: DeltaLake, faulty_s3: FaultyServer) -> None:
    export.manifest(MARCH, export.files(MARCH, [bill("1")]))
    with faulty_s3.failing(at_first(SLOW_DOWN, 2)):
        run = collect(export.source(), lake, Clock()).run
    assert (run.error, run.throttled) == ("", 2)
    assert billed(lake) == 1


def test_a_file_that_is_no_bill_is_named(export: Export) -> None:
    export.manifest(MARCH, [export.put("data/notes.txt", b"x")])
    with pytest.raises(RefusedBatch, match="neither CSV nor Parquet") as caught:
        export.source().discover({})
    assert caught.value.where.endswith("data/notes.txt")


def test_an_empty_file_is_named(export: Export) -> None:
    export.manifest(MARCH, [export.put("data/a.csv.gz", b"")])
    with pytest.raises(RefusedBatch, match="the file is empty"):
        export.source().discover({})


def test_a_legacy_report_is_read_under_its_own_names(export: Export, lake: DeltaLake) -> None:
    content = legacy_csv([row()] * 3).write_csv().encode()
    export.manifest(MARCH, [export.put("data/a.csv", content)])
    assert collect(export.source(), lake, Clock()).run.error == ""
    assert billed(lake) == Decimal("7.2")


def test_negations_that_do_not_match_are_said(export: Export, lake: DeltaLake) -> None:
    plan = {"savings_plan_savings_plan_a_r_n": PLAN, "savings_plan_savings_plan_effective_cost": 1.0}
    covered = row(line_item_line_item_type="SavingsPlanCoveredUsage", line_item_unblended_cost=2.4, **plan)
    negation = row(line_item_line_item_type="SavingsPlanNegation", line_item_unblended_cost=-2.3, **plan)
    import io

    def parquet(frame: pl.DataFrame) -> bytes:
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        return buffer.getvalue()

    files = [export.put(f"data/{n}.parquet", parquet(as_parquet([one]))) for n, one in enumerate([covered, negation])]
    export.manifest(MARCH, files)
    tally = collect(export.source(), lake, Clock()).tally
    assert [kind for kind in tally.repaired if "+0.10 of covered usage" in kind]


def _manifest(written: datetime) -> Manifest:
    return Manifest(MARCH, StoredObject("export-Manifest.json", '"m"', 10, written))


@pytest.mark.parametrize(("minutes_ago", "is_copied"), [(5, False), (300, True)])
def test_a_file_newer_than_its_manifest_is_being_written_or_was_copied(
    monkeypatch: pytest.MonkeyPatch, minutes_ago: int, is_copied: bool
) -> None:
    now = datetime(2026, 4, 2, tzinfo=UTC)
    file = StoredObject("a.parquet", '"a"', 5, now - timedelta(minutes=minutes_ago), seen_at=now)
    bucket = Bucket("bills", None, Usage())
    monkeypatch.setattr(Bucket, "read", lambda *_: b'{"dataFiles": ["a.parquet"]}')
    monkeypatch.setattr(Bucket, "look", lambda *_: file)
    older = _manifest(file.modified_at - timedelta(minutes=1))
    if is_copied:
        assert look_at(bucket, older).files == (file,)
    else:
        with pytest.raises(Unreachable, match="AWS is replacing it"):
            look_at(bucket, older)
    newer = replace(older, stored=replace(older.stored, modified_at=now))
    assert look_at(bucket, newer).files == (file,)


@pytest.mark.parametrize(
    ("refused", "permission"),
    [
        (lambda asked: "list-type=2" in asked.path, "s3:ListBucket"),
        (lambda asked: "Manifest.json" in asked.path, "s3:GetObject"),
        (lambda asked: "/data/" in asked.path, "s3:GetObject"),
    ],
    ids=["listing", "manifest", "data"],
)
def test_a_check_names_the_missing_permission(
    export: Export, faulty_s3: FaultyServer, refused: Callable[[Asked], bool], permission: str
) -> None:
    export.manifest(MARCH, export.files(MARCH, [bill("1")]))
    with faulty_s3.failing(lambda asked: DENIED if refused(asked) else None):
        failed = [check.detail for check in export.source().check() if not check.passed]
    assert [permission in detail for detail in failed] == [True]


def test_a_check_names_the_key_that_may_not_be_used(export: Export, faulty_s3: FaultyServer) -> None:
    export.manifest(MARCH, export.files(MARCH, [bill("1")]))
    said = "User: arn:aws:iam::1:user/x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu:1:key/k"
    with faulty_s3.failing(lambda asked: refusal(403, "AccessDenied", said) if "/data/" in asked.path else None):
        failed = [check.detail for check in export.source().check() if not check.passed]
    assert ["Grant kms:Decrypt" in detail for detail in failed] == [True]


def test_a_bucket_whose_region_is_only_told_in_a_refusal_is_read(
    export: Export, lake: DeltaLake, faulty_s3: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    export.manifest(MARCH, export.files(MARCH, [bill("1")]))
    told = Answer(403, b"", {"x-amz-bucket-region": "eu-central-1"})
    source = export.source()
    with faulty_s3.failing(lambda asked: told if asked == Asked("HEAD", f"/{export.bucket}") else None):
        assert collect(source, lake, Clock()).run.error == ""
    options = source._bucket.location.storage_options()
    assert options["aws_region"] == "eu-central-1"


def test_lasting_throttling_is_an_error_that_passes(
    export: Export, faulty_s3: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with faulty_s3.failing(lambda _: SLOW_DOWN), pytest.raises(FinopsError) as caught:
        export.source().discover({})
    assert isinstance(caught.value, Throttled)
