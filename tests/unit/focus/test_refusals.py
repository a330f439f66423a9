"""Bad bills, each named after its one mistake, its expected message beside it."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from finops.collect.files import FocusFiles
from finops.errors import RefusedBatch
from finops.focus.delivery import deliver

BAD = Path(__file__).parents[2] / "golden" / "focus" / "bad"


def refusal(path: Path) -> RefusedBatch:
    """What a user reads who collects this one file; nothing of it is committed."""
    try:
        offers = FocusFiles("bills", [path.name], base=path.parent).discover({}).offers
        delivery = deliver("bills", offers)
        try:
            delivery.rows.collect(engine="streaming")
        except pl.exceptions.PolarsError:
            assert delivery.explain is not None
            error = delivery.explain()
            assert isinstance(error, RefusedBatch)
            return error
        delivery.verify()
    except RefusedBatch as error:
        return error
    pytest.fail(f"{path.name} was taken")


@pytest.mark.parametrize("path", sorted(BAD.glob("*.csv")), ids=lambda path: path.stem)
def test_a_bad_bill_is_refused_with_its_place(path: Path) -> None:
    expected = path.with_suffix(".txt")
    message = f"{refusal(path)}\n"
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        expected.write_text(message, encoding="utf-8")
    assert message == expected.read_text(encoding="utf-8")


def test_every_message_has_its_bill() -> None:
    assert {path.stem for path in BAD.glob("*.txt")} == {path.stem for path in BAD.glob("*.csv")}
