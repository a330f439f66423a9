"""UnitOfMeasure, such as ``100 Hours`` or ``10K/Month`` -> how many units a price is for, and of what.

Microsoft looks these up ("Pricing units", microsoft/finops-toolkit, src/open-data/PricingUnits.csv); this reads them.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_FORM = re.compile(r"\s*(?:(?P<number>\d[\d,]*(?:\.\d+)?)(?P<thousands>[KMB](?=\s|/|$))?)?\s*(?P<unit>.*?)\s*")
_THOUSANDS = {None: Decimal(1), "K": Decimal(1_000), "M": Decimal(1_000_000), "B": Decimal(1_000_000_000)}
_SINGULAR = re.compile(
    r"\b(Hour|Day|Month|Minute|Second|Year|Connection|Device|User|Unit|Node|Server|Image)$", re.IGNORECASE
)


@lru_cache(maxsize=1_000)
def pricing_unit(measure: str) -> tuple[Decimal, str]:
    """(block size, unit in the plural). What has no number is one; what has no unit counts units.

    >>> pricing_unit("100 Hour"), pricing_unit("10K/Month"), pricing_unit("1 GB")
    ((Decimal('100'), 'Hours'), (Decimal('10000'), 'Units/Month'), (Decimal('1'), 'GB'))
    """
    found = _FORM.fullmatch(measure)
    if found is None or found["number"] is None:
        return Decimal(1), _plural(measure.strip())
    block = Decimal(found["number"].replace(",", "")) * _THOUSANDS[found["thousands"]]
    return (block or Decimal(1)), _plural(found["unit"])


def _plural(unit: str) -> str:
    head, slash, rest = unit.partition("/")
    head = head.strip() or "Units"
    return f"{_SINGULAR.sub(lambda word: f'{word[0].capitalize()}s', head)}{slash}{rest}"
