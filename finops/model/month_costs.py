"""What the month comes to, without any policy: so far, by its end, and beside other months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from finops.model.period import Period


@dataclass(frozen=True, slots=True)
class MonthForecast:
    """EffectiveCost of the whole month for one ``group`` (a value for each dimension, '' for none), with the 80 %
    interval."""

    group: tuple[str, ...]
    amount: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class MonthCosts:
    """EffectiveCost in ``currency``; what is not known is None.

    ``to_date``: up to and with ``through``, provisional days too. ``settled``: up to and with ``settled_through``;
    ``last_month_to_date``: the same days of the month before. ``unallocated``: of ``to_date``, where the first of
    ``dimensions`` has one of the values ``unowned``. ``forecasts``: by all ``dimensions``. ``note``: why something is
    unknown.
    """

    period: Period
    through: date
    currency: str
    dimensions: tuple[str, ...] = ()
    to_date: Decimal | None = None
    forecast: MonthForecast | None = None
    settled_through: date | None = None
    settled: Decimal | None = None
    last_month: Decimal | None = None
    last_month_to_date: Decimal | None = None
    last_year: Decimal | None = None
    unallocated: Decimal | None = None
    unowned: tuple[str, ...] = ()
    forecasts: tuple[MonthForecast, ...] = ()
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The stored form: amounts as decimal text. ``forecasts`` are metrics, and are not kept twice."""
        return {
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "through": self.through.isoformat(),
            "settled_through": self.settled_through.isoformat() if self.settled_through else None,
            "currency": self.currency,
            "dimensions": list(self.dimensions),
            "forecast": _texts(self.forecast) if self.forecast is not None else None,
            "unowned": list(self.unowned),
            "note": self.note,
            **{name: _text(getattr(self, name)) for name in _AMOUNTS},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MonthCosts:
        start, end = map(date.fromisoformat, data["period"])
        forecast, settled = data["forecast"], data["settled_through"]
        return cls(
            period=Period(start, end),
            through=date.fromisoformat(data["through"]),
            settled_through=date.fromisoformat(settled) if settled else None,
            currency=data["currency"],
            dimensions=tuple(data["dimensions"]),
            forecast=MonthForecast((), *map(Decimal, forecast)) if forecast is not None else None,
            unowned=tuple(data["unowned"]),
            note=data["note"],
            **{name: Decimal(data[name]) if data[name] is not None else None for name in _AMOUNTS},  # type: ignore[arg-type] # fields of these names are amounts
        )


_AMOUNTS = ("to_date", "settled", "last_month", "last_month_to_date", "last_year", "unallocated")


def _text(amount: Decimal | None) -> str | None:
    return str(amount) if amount is not None else None


def _texts(forecast: MonthForecast) -> Sequence[str]:
    return [str(forecast.amount), str(forecast.low), str(forecast.high)]
