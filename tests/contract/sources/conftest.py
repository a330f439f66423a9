"""Every place of every kind of source, each in a file of its own, and a real lake to collect into."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from finops.focus.dimensions import Dimensions
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake
from finops.objectstore.location import Location
from tests.contract.sources.place import Case, Place

FOLDER = Path(__file__).parent


def modules() -> list[ModuleType]:
    """The files that declare places."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith(("test_", "conftest")))
    found = [importlib.import_module(f"tests.contract.sources.{name}") for name in names]
    return [module for module in found if hasattr(module, "PLACES")]


def _places() -> list[object]:
    return [pytest.param((module, name), id=f"{module.KIND}:{name}") for module in modules() for name in module.PLACES]


@pytest.fixture(params=_places())
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    module, name = request.param
    found: Place = module.PLACES[name](request, tmp_path / "place")
    return found


def skip_gap(place: Place, *cases: Case) -> None:
    """Skips with the reason why this cannot happen here."""
    for case in cases:
        if case in place.gaps:
            pytest.skip(f"gap, {case.value}: {place.gaps[case]}")


class Clock:
    """A day in May 2026, on which April's bill may still change."""

    def now(self) -> datetime:
        return datetime(2026, 5, 2, 6, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lake(tmp_path: Path, clock: Clock) -> DeltaLake:
    return DeltaLake(
        Location.parse("lake", base=tmp_path),
        dimensions=Dimensions([], condition_columns()),
        timezone=ZoneInfo("UTC"),
        audit=timedelta(days=400),
        clock=clock,
    )
