"""``when``: measures, comparisons and thresholds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from finops.model.finding import Severity
from finops.model.kind_profile import Measure
from finops.model.money import Money
from finops.model.unit import Unit
from finops.policy.when import Threshold, WhenFault, parse_when

MEASURES = {"spent": Measure("Spent", (Unit.SHARE, Unit.AMOUNT)), "age": Measure("Age", (Unit.DURATION,))}


@pytest.mark.parametrize(
    ("text", "measure", "comparison", "threshold"),
    [
        ("spent > 80%", "spent", ">", Decimal("0.8")),
        ("  spent>=12.5 %  ", "spent", ">=", Decimal("0.125")),
        ("spent < -5%", "spent", "<", Decimal("-0.05")),
        ("spent > 9_000.50 EUR", "spent", ">", Money(Decimal("9000.50"), "EUR")),
        ("spent<0 EUR", "spent", "<", Money(Decimal(0), "EUR")),
        ("age > 36h", "age", ">", timedelta(hours=36)),
        ("age <= 2 d", "age", "<=", timedelta(days=2)),
        ("age > 90m", "age", ">", timedelta(minutes=90)),
    ],
)
def test_a_threshold_is_read_exactly(text: str, measure: str, comparison: str, threshold: Threshold) -> None:
    alert = parse_when(text, Severity.INFO, MEASURES)

    assert (alert.measure, alert.comparison, alert.threshold) == (measure, comparison, threshold)
    assert text[alert.threshold_offset] in "-0123456789"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("80% < spent", 0),
        ("speng > 80%", 0),
        ("  later > 80%", 2),
        ("spent", 5),
        ("spent 80%", 5),
        ("spent = 80%", 6),
        ("spent > ", 8),
        ("spent > 80", 8),
        ("spent > 1.2.3 EUR", 8),
        ("spent > 36h", 8),
        ("age > 5 EUR", 6),
    ],
)
def test_a_fault_knows_its_letter_and_a_remedy(text: str, offset: int) -> None:
    with pytest.raises(WhenFault) as refusal:
        parse_when(text, Severity.INFO, MEASURES)

    assert refusal.value.offset == offset
    assert refusal.value.hint
