"""``finops.connect`` in a folder with a service's lake and state."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import finops
from finops.app.notebook import Notebook
from finops.errors import BadArguments, Malformed, NotFound
from finops.model.data_version import DataVersion
from tests.integration.web.api.world import SERVICES, Judged, judged

README = Path(__file__).parents[3] / "README.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


@pytest.fixture(scope="module")
def project(folder: Path) -> Iterator[Judged]:
    with judged(folder) as made:
        yield made


@pytest.fixture
def book(project: Judged, folder: Path) -> Notebook:
    assert project.board.current is not None
    return finops.connect(folder / "finops.yaml")


def total(frame: pl.LazyFrame) -> Decimal:
    found: Decimal = frame.select(pl.col("EffectiveCost").sum()).collect().item()
    return found


def test_the_readme_runs_as_it_is_written(project: Judged, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [block] = re.findall(r"```python\n(import finops\n.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(folder)
    # the lake of the test was written a moment ago, whenever that is
    lines = block.replace("2026-11-01", f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}")
    names: dict[str, object] = {}
    exec(lines, names)
    daily, then = names["daily"], names["then"]
    assert isinstance(daily, pl.DataFrame)
    assert isinstance(then, pl.LazyFrame)
    assert daily.columns == ["day", "team", "currency", "EffectiveCost"]
    assert daily["EffectiveCost"].sum() == total(then) == 19 * (len(SERVICES) + 1)


def test_rows_and_days_agree_and_keep_their_names(book: Notebook) -> None:
    assert total(book.costs()) == total(book.costs_daily()) == 19 * (len(SERVICES) + 1)
    services = book.costs_daily().select(pl.col("ServiceName").unique()).collect()["ServiceName"]
    assert set(services) == set(SERVICES.values())
    schema = book.costs_daily().collect_schema()
    assert (schema["day"], schema["EffectiveCost"], schema["team"]) == (pl.Date, pl.Decimal(38, 15), pl.String)
    assert "scope_id" not in schema


def test_a_table_without_rows_has_its_columns(book: Notebook) -> None:
    assert book.demand().collect_schema().names() == ["name", "day", "value", "unit", "dimensions"]
    assert book.demand().collect().is_empty()
    assert {"source", "day", "grams", "team"} <= set(book.emissions().collect_schema())
    assert book.emissions().collect().is_empty()


def test_a_moment_and_a_version_are_read_again(book: Notebook, project: Judged) -> None:
    version = project.container.lake.version()
    for known in (version, version.to_json()):
        assert total(book.costs(version=known)) == total(book.costs())
    assert total(book.costs(as_of=datetime.now(UTC) + timedelta(minutes=1))) == total(book.costs())
    assert book.costs_daily(version=DataVersion()).collect().is_empty()
    with pytest.raises(NotFound, match="the lake holds no data of 2020-01-01 00:00 UTC"):
        book.costs(as_of="2020-01-01")
    for fault in ({"as_of": "yesterday"}, {"as_of": datetime(2026, 1, 1)}, {"as_of": "2026-01-01", "version": version}):  # noqa: DTZ001 - the missing zone is the fault
        with pytest.raises(BadArguments):
            book.costs(**fault)


def test_findings_are_those_of_the_newest_evaluation(book: Notebook) -> None:
    found = book.findings().filter(policy="everything").collect().row(0, named=True)
    assert (found["state"], found["severity"], found["currency"], found["group"]) == ("firing", "critical", "EUR", "")
    assert (found["period_start"], found["period_end"]) == (date(2026, 3, 1), date(2026, 4, 1))
    assert found["value"] == 19 * len(SERVICES)
    assert book.findings().collect().height == len(SERVICES) + 1


def test_a_look_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "finops.yaml").write_text("apiVersion: finops/v1\npolicies: .\nlake: ./lake\ncurrency: EUR\n")
    book = finops.connect(tmp_path / "finops.yaml")
    assert book.costs().collect().is_empty()
    assert book.findings().collect().is_empty()
    assert [path.name for path in tmp_path.iterdir()] == ["finops.yaml"]


def test_faults_of_the_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "finops.yaml").write_text("apiVersion: finops/v1\n")
    with pytest.raises(Malformed, match="currency"):
        finops.connect(tmp_path / "finops.yaml")


def test_importing_finops_is_cheap() -> None:
    said = "import finops, sys; print([name for name in ('polars', 'pydantic', 'boto3') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert sorted(finops.__all__) == ["__version__", "connect"]
