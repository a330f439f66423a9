"""Lines of a chart, made when somebody draws them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

Line = tuple[Decimal | None, ...]


class Lines(Mapping[str, Line]):
    """What ``make`` returns, asked for once and not before it is looked at: a backtest draws nothing."""

    def __init__(self, make: Callable[[], Mapping[str, Line]]) -> None:
        self._make = make
        self._made: Mapping[str, Line] | None = None

    def __getitem__(self, name: str) -> Line:
        return self._lines()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines())

    def __len__(self) -> int:
        return len(self._lines())

    def _lines(self) -> Mapping[str, Line]:
        if self._made is None:
            self._made = self._make()
        return self._made
