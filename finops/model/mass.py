"""Emissions as a mass of CO2 equivalent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from finops.errors import InvalidValue
from finops.model.cell import typed_number
from finops.model.money import EXACT

_MASS = re.compile(r"\s*(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?)\s*(?P<unit>g|kg|t)\s*")
GRAMS = {unit: Decimal(grams) for unit, grams in (("g", 1), ("kg", 1_000), ("t", 1_000_000))}
"""Grams in a unit of mass; t is the metric ton of the GHG Protocol (MTCO2e)."""


@dataclass(frozen=True, slots=True, order=True)
class Mass:
    """``grams`` of CO2 equivalent."""

    grams: Decimal

    @classmethod
    def parse(cls, text: str) -> Mass:
        """``12 g``, ``500 kg`` or ``2.5 t``. Raises ``ValueError`` with the remedy behind `` | ``."""
        match = _MASS.fullmatch(text)
        if match is None:
            raise InvalidValue(f"'{text}' is not a valid mass", "Write it like '500 kg', in g, kg or t")
        return cls(typed_number(match["number"]) * GRAMS[match["unit"]])

    def __str__(self) -> str:
        """In the largest unit that leaves a number of 1 or more; three significant digits or all whole ones."""
        unit = next((unit for unit in ("t", "kg") if abs(self.grams) >= GRAMS[unit]), "g")
        number = self.grams / GRAMS[unit]
        digits = max(0, 2 - number.adjusted()) if number else 0
        shown = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN, context=EXACT)
        text = f"{shown:,f}"
        return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {unit}"
