"""Exchange rates in the ECB's form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops.collect.rates.ecb_file import parse_rates, read_text
from finops.errors import MissingRate, NotFound, RefusedBatch

# the ECB's own file is newest first, and a comma ends every line
ECB = "Date,USD,JPY,CYP,\n2026-03-03,1.0500,160.1,N/A,\n2026-03-02,1.0400,159,N/A,\n"


def test_one_euro_buys_that_many(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(f"\ufeff{ECB}", encoding="utf-8")
    rates = parse_rates(read_text(tmp_path / "rates.csv"), "rates.csv")
    assert rates.base == "EUR"
    assert rates.quotes["USD"] == {date(2026, 3, 2): Decimal("1.0400"), date(2026, 3, 3): Decimal("1.0500")}
    assert rates.factor(date(2026, 3, 2), "EUR", "USD") == Decimal("1.04")
    assert rates.factor(date(2026, 3, 8), "EUR", "JPY") == Decimal("160.1")


def test_no_rate_is_no_rate() -> None:
    rates = parse_rates(ECB, "rates.csv")
    assert rates.quotes["CYP"] == {}
    with pytest.raises(MissingRate):
        rates.factor(date(2026, 3, 2), "CYP", "EUR")


def test_the_digest_is_the_content_s() -> None:
    assert parse_rates(ECB, "a.csv").digest == parse_rates(ECB, "b.csv").digest
    assert parse_rates(ECB, "a.csv").digest != parse_rates(ECB.replace("1.0400", "1.0401"), "a.csv").digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "rates.csv, header: the first column is not Date. Start the file with the header Date,USD,JPY,…"),
        ("date,USD\n", "rates.csv, header: the first column is not Date. Did you mean 'date'?"),
        ("Date,Dollar\n", "rates.csv, header: 'Dollar' is not an ISO 4217 currency code"),
        ("Date,USD,USD\n", "rates.csv, header: 'USD' occurs twice"),
        ("Date,EUR\n", "rates.csv, header: 'EUR' occurs twice, or is the base currency"),
        ("Date,USD\n3 March 2026,1\n", "rates.csv, row 1, column Date: '3 March 2026' is not a valid date."),
        ("Date,USD,JPY\n2026-03-03,1,1\n2026-03-02,1,x\n", "rates.csv, row 2, column JPY: 'x' is not a valid rate."),
        ("Date,USD\n2026-03-03,0\n", "rates.csv, row 1, column USD: '0' is not a valid rate."),
        ("Date,USD\n2026-03-03,-1\n", "rates.csv, row 1, column USD: '-1' is not a valid rate."),
        ("Date,USD\n2026-03-03,1\n2026-03-03,2\n", "row 2: the day 2026-03-03 occurs twice, first in row 1."),
        ("Date,USD,JPY\n2026-03-03,1\n", "rates.csv, row 1: 1 rate for 2 currencies."),
        ("Date,USD\n2026-03-03,1,2\n", "rates.csv, row 1: 2 rates for 1 currency."),
        ('Date,USD\n2026-03-03,"1\n', "rates.csv, line 2: unexpected end of data."),
    ],
)
def test_faults_have_their_place(text: str, message: str) -> None:
    with pytest.raises(RefusedBatch) as caught:
        parse_rates(text, "rates.csv")
    assert message in str(caught.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_text(tmp_path / "none.csv")
    (tmp_path / "rates.csv").write_bytes(b"Date,\xff\n")
    with pytest.raises(RefusedBatch, match="not UTF-8 at byte 5"):
        parse_rates(read_text(tmp_path / "rates.csv"), "rates.csv")
