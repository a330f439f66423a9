"""Emissions from a CSV file."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops.collect.emissions import CsvEmissions, CsvEmissionsOptions
from finops.errors import NotFound, RefusedBatch
from finops.ports.emissions import EMISSIONS_SCHEMA


def emissions(base: Path, content: str, **options: str) -> CsvEmissions:
    (base / "e.csv").write_text(content)
    return CsvEmissions.from_options("dc", CsvEmissionsOptions.model_validate({"path": "e.csv", **options}), base=base)


def test_months_with_labels_and_tags(tmp_path: Path) -> None:
    content = "month,emissions,ServiceName,team\n2026-02,1.5,Hosting,search\n2026-12,2,,\n"
    delivery = emissions(tmp_path, content, provider="Rack Co").read(None)
    assert delivery is not None
    assert delivery.frame.schema == EMISSIONS_SCHEMA
    first, second = delivery.frame.rows(named=True)
    assert (first["start"], first["end"], first["grams"]) == (date(2026, 2, 1), date(2026, 3, 1), Decimal(1500))
    assert (first["ServiceProviderName"], first["ServiceName"]) == ("Rack Co", "Hosting")
    assert first["Tags"] == '{"team":"search"}'
    assert (second["end"], second["ServiceName"], second["Tags"]) == (date(2027, 1, 1), None, None)


def test_spans_of_days_in_another_unit(tmp_path: Path) -> None:
    delivery = emissions(tmp_path, "start,end,emissions\n2026-02-01,2026-02-08,0.5\n", unit="t").read(None)
    assert delivery is not None
    assert delivery.frame.row(0)[:3] == (date(2026, 2, 1), date(2026, 2, 8), Decimal(500_000))


def test_another_value_of_the_same_size_and_time_is_delivered(tmp_path: Path) -> None:
    first = emissions(tmp_path, "month,emissions\n2026-03,1\n").read(None)
    assert first is not None
    [file] = tmp_path.iterdir()
    written = file.stat()
    changed = emissions(tmp_path, "month,emissions\n2026-03,2\n")
    os.utime(file, ns=(written.st_atime_ns, written.st_mtime_ns))
    again = changed.read(first.digest)
    assert again is not None
    assert again.frame[list(EMISSIONS_SCHEMA)[2]].to_list() == [2000]


def test_the_same_bytes_are_not_delivered_again_unless_they_mean_something_else(tmp_path: Path) -> None:
    content = "month,emissions\n2026-02,1\n"
    first = emissions(tmp_path, content).read(None)
    assert first is not None
    assert emissions(tmp_path, content).read(first.digest) is None
    assert emissions(tmp_path, content, unit="t").read(first.digest) is not None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "e.csv, header: the column start is missing."),
        ("month,emission\n", "e.csv, header: the column emissions is missing. Did you mean 'emission'?"),
        ("month,emissions\n2026-13,1\n", "e.csv, row 1, column month: '2026-13' is not a valid month."),
        ("month,emissions\n,1\n", "e.csv, row 1, column month: the month is missing."),
        ("month,emissions\n2026-02,\n", "e.csv, row 1, column emissions: the value is missing."),
        ("month,emissions\n2026-02,much\n", "e.csv, row 1, column emissions: 'much' is not a valid number."),
        ("start,end,emissions\n2026-02-02,2026-02-02,1\n", "column end: 2026-02-02 is not after 2026-02-02."),
    ],
)
def test_faults_have_their_place(tmp_path: Path, content: str, message: str) -> None:
    source = emissions(tmp_path, content)
    with pytest.raises(RefusedBatch) as caught:
        source.read(None)
    assert message in str(caught.value)
    (check,) = source.check()
    assert (check.passed, check.detail) == (False, str(caught.value))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        CsvEmissions("dc", CsvEmissionsOptions(path="none.csv"), base=tmp_path).read(None)


def test_checks_tell_how_far_the_data_reaches(tmp_path: Path) -> None:
    (check,) = emissions(tmp_path, "month,emissions\n2026-02,1\n").check()
    assert (check.passed, check.detail) == (True, "1 row, through 2026-02-28")
