"""Lines and amounts of a chart, made when somebody draws them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import overload

ChartLine = tuple[Decimal | None, ...]


class LazyAmounts(Sequence[Decimal]):
    """What ``make`` returns, asked for once and not before it is looked at; equal to any sequence of the same."""

    def __init__(self, make: Callable[[], Sequence[Decimal]]) -> None:
        self._make: Callable[[], Sequence[Decimal]] | None = make
        self._made: tuple[Decimal, ...] = ()

    def make(self) -> tuple[Decimal, ...]:
        if self._make is not None:
            self._made, self._make = tuple(self._make()), None
        return self._made

    @overload
    def __getitem__(self, place: int) -> Decimal: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Decimal]: ...
    def __getitem__(self, place: int | slice) -> Decimal | Sequence[Decimal]:
        return self.make()[place]

    def __len__(self) -> int:
        return len(self.make())

    def __iter__(self) -> Iterator[Decimal]:
        return iter(self.make())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.make() == tuple(other)

    def __hash__(self) -> int:
        return hash(self.make())

    def __repr__(self) -> str:
        return repr(self.make())


class LazyLines(Mapping[str, ChartLine]):
    """What ``make`` returns, asked for once and not before it is looked at: a backtest draws nothing."""

    def __init__(self, make: Callable[[], Mapping[str, ChartLine]]) -> None:
        self._make = make
        self._made: Mapping[str, ChartLine] | None = None

    def __getitem__(self, name: str) -> ChartLine:
        return self._lines()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines())

    def __len__(self) -> int:
        return len(self._lines())

    def _lines(self) -> Mapping[str, ChartLine]:
        if self._made is None:
            self._made = self._make()
        return self._made
