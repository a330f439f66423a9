"""The units of measures, as findings and thresholds carry them."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """A share is a number (0.8 for 80 %), a duration hours, a mass grams of CO2 equivalent; an amount is in the
    finding's currency."""

    SHARE = "share"
    AMOUNT = "amount"
    DURATION = "hours"
    NUMBER = "number"
    MASS = "grams"

    @property
    def example(self) -> str:
        """How a person writes a threshold in this unit."""
        return _EXAMPLES[self]


_EXAMPLES = {
    Unit.SHARE: "80%",
    Unit.AMOUNT: "500 EUR",
    Unit.DURATION: "36h",
    Unit.NUMBER: "1.2",
    Unit.MASS: "500 kg",
}
