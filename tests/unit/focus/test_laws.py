"""Laws of conforming, over generated bills."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from finops.collect.files import FocusFiles
from finops.focus.delivery import deliver
from finops.focus.observations import BatchNotes
from finops.focus.repair.amount import exact
from finops.focus.repair.canonical_json import CanonicalJson
from finops.focus.repair.json_text import JsonRepairer
from finops.ports.lake import COSTS
from tests.support.focus_frames import bill, conformed

WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
QUANTUM = Decimal(1).scaleb(-15)

amounts = st.decimals(-(10**15), 10**15, places=15).map(lambda value: f"{value:f}")
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=12)
any_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
keys = texts.map(str.strip).filter(bool)
seconds = st.integers(0, 150 * 86_400)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
FEW = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each streams bills


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    start = YEAR + timedelta(seconds=draw(seconds))
    month = YEAR.replace(month=draw(st.integers(1, 3)))
    return {
        **{cost: draw(amounts) for cost in COSTS},
        "BillingPeriodStart": f"{month:%Y-%m-%dT%H:%M:%SZ}",
        "BillingPeriodEnd": f"{month + timedelta(days=31):%Y-%m-%dT%H:%M:%SZ}",
        "ChargePeriodStart": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "ChargePeriodEnd": f"{start + timedelta(hours=draw(st.integers(1, 800))):%Y-%m-%dT%H:%M:%SZ}",
        "ChargeDescription": draw(texts) or None,
        "SubAccountId": draw(st.from_regex(r"0[0-9]{0,11}", fullmatch=True)),
        "Tags": draw(st.none() | st.dictionaries(keys, texts, max_size=4).map(json.dumps)),
        "x_Note": draw(texts) or None,
    }


bills = st.lists(rows(), min_size=1, max_size=8)


@given(bills)
@FEW
def test_conforming_twice_changes_nothing_more(generated: list[dict[str, Any]]) -> None:
    once, _ = conformed(bill(*generated))
    twice, again = conformed(once.drop("billing_period"))
    assert twice.equals(once)
    assert again.verify().repaired == {}


@given(bills)
@FEW
def test_sums_are_kept(generated: list[dict[str, Any]]) -> None:
    found, _ = conformed(bill(*generated))
    with localcontext(WIDE):
        for cost in COSTS:
            assert found[cost].sum() == sum(Decimal(row[cost]) for row in generated)


@given(bills)
@FEW
def test_csv_gzip_and_parquet_conform_to_equal_rows(tmp_path: Path, generated: list[dict[str, Any]]) -> None:
    frame = bill(*generated)
    typed = frame.with_columns(
        pl.col(COSTS).cast(pl.Decimal(38, 15)),
        pl.col("^(Billing|Charge)Period.*$").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms", time_zone="UTC"),
        Tags=pl.Series(
            [json.loads(tags) if tags else None for tags in frame["Tags"]], dtype=pl.Map(pl.String, pl.String)
        ),
    )
    frame.write_csv(tmp_path / "bill.csv", quote_style="always")
    (tmp_path / "bill.csv.gz").write_bytes(gzip.compress((tmp_path / "bill.csv").read_bytes()))
    typed.write_parquet(tmp_path / "bill.parquet")
    found = []
    for name in ("bill.csv", "bill.csv.gz", "bill.parquet"):
        delivery = deliver("bills", FocusFiles("bills", [name], base=tmp_path).discover({}).offers)
        found.append(delivery.rows.collect(engine="streaming"))
        assert delivery.verify().rows == len(generated)
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


@given(st.floats(allow_nan=False, allow_infinity=False, max_value=1e22, min_value=-1e22))
@example(0.9151066107429134)
@example(4.133921460970909)
@example(0.5607051421546065)
@example(123456789.12345679)
@example(0.5e-15)
@example(1.5e-15)
def test_a_double_is_its_shortest_text_rounded_half_even(value: float) -> None:
    expected = Decimal(repr(value)).quantize(QUANTUM, context=WIDE)
    assert exact(pl.Series([value]))[0] == expected


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 0.1, 1.0, 5.0, 1e3, 1e9])
def test_many_doubles_of_every_size(scale: float) -> None:
    values = [(index * 0.6180339887498949 % 1) * scale for index in range(5_000)]
    expected = [Decimal(repr(value)).quantize(QUANTUM, context=WIDE) for value in values]
    assert exact(pl.Series(values)).to_list() == expected


@given(
    st.lists(st.none() | st.dictionaries(any_texts, st.none() | any_texts, max_size=5), min_size=1, max_size=6),
    st.booleans(),
)
def test_maps_become_what_their_text_becomes(tags: list[dict[str, str | None] | None], trim: bool) -> None:
    """The native way for maps and the way through JSON text agree, odd characters, nulls and blanks included."""
    repairer = JsonRepairer("Tags", trim_keys=trim, strict=True, canonical=CanonicalJson())
    numbers = pl.Series(range(len(tags)))
    as_map, as_text = BatchNotes(numbers), BatchNotes(numbers)
    of_map = repairer.repair(pl.Series(tags, dtype=pl.Map(pl.String, pl.String)), as_map)
    text = pl.Series([None if each is None else json.dumps(each) for each in tags], dtype=pl.String)
    assert of_map.to_list() == repairer.repair(text, as_text).to_list()
    assert (as_map.repaired, as_map.noted) == (as_text.repaired, as_text.noted)


@given(st.lists(st.sampled_from(["Usage", "usage", "TAX", " Credit ", "Purchase"]), min_size=1, max_size=30))
@FEW
def test_counts_do_not_depend_on_how_rows_are_cut(spellings: list[str]) -> None:
    frame = bill(*({"ChargeCategory": spelling} for spelling in spellings))
    _, whole = conformed(frame)
    pieces = pl.concat([frame.slice(index, 1) for index in range(frame.height)], rechunk=False)
    _, cut = conformed(pieces)
    assert whole.verify() == cut.verify()
