"""What the lake has of a billing period, held against somebody else's count of the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

from finops.model.money import EXACT


class Level(StrEnum):
    """How finely two counts have to agree. What agrees by service agrees by day, what agrees by day in the period."""

    PERIOD = "period"
    DAY = "day"
    SERVICE = "service"


class Agreement(StrEnum):
    """``UNASKED``: nobody could be asked, or there is nobody to ask; that is never an agreement."""

    AGREES = "agrees"
    DIFFERS = "differs"
    FAILED = "failed"
    UNASKED = "unasked"


@dataclass(frozen=True, slots=True)
class Line:
    """Both counts of one day, service and currency, exact. None: the other side does not tell them apart.

    ``settled``: the day ended longer ago than ``settling``; others are shown and not judged.
    """

    day: date | None
    service: str | None
    currency: str
    lake: Decimal
    other: Decimal
    settled: bool = True

    @property
    def difference(self) -> Decimal:
        """What the lake has more (or, negative, less)."""
        with localcontext(EXACT):
            return self.lake - self.other


@dataclass(frozen=True, slots=True)
class Comparison:
    """One billing period of one source against one other count.

    ``against``: whose count, for people. ``cost``: the FOCUS cost compared, empty where rows are counted. ``totals``: a
    line a currency over settled days; ``lines``: those that differ at all, largest difference first. ``differing``:
    how many totals, days and lines differ beyond the tolerance. ``rows``: (in the lake, counted by the other side).
    ``reason``: why nobody was asked, or what the asking came to.
    """

    source: str
    billing_period: date
    against: str
    agreement: Agreement
    cost: str = ""
    totals: Sequence[Line] = ()
    lines: Sequence[Line] = ()
    differing: tuple[int, int, int] = (0, 0, 0)
    rows: tuple[int, int] | None = None
    provisional: bool = False
    reason: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether nothing speaks against the lake: there may be nobody to ask."""
        return self.agreement in (Agreement.AGREES, Agreement.UNASKED)
