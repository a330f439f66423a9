"""A snapshot is stored and read back whole, or not at all."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.errors import BrokenStore
from finops.model.snapshot import Snapshot
from tests.support.snapshots import budget, cost_line, evaluation, snapshot


def test_it_comes_back_as_it_was() -> None:
    made = snapshot()
    assert Snapshot.from_bytes(made.to_bytes()) == made


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    assert snapshot().to_bytes() == snapshot().to_bytes()


@given(st.text(max_size=40), st.decimals(min_value=-(10**18), max_value=10**18, places=15))
def test_any_text_and_any_amount_come_back(text: str, amount: object) -> None:
    finding = budget(text, spent=str(amount), limit="7", owner=text, group={text: text})
    made = snapshot(evaluation((finding,), costs=(cost_line(text, text, str(amount)),)))
    assert Snapshot.from_bytes(made.to_bytes()) == made


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"not gzip",
        gzip.compress(b"not json"),
        gzip.compress(b"[]"),
        gzip.compress(json.dumps({"format": 1}).encode()),
        snapshot().to_bytes()[:-20],
    ],
    ids=["empty", "foreign", "no JSON", "a list", "fields missing", "torn"],
)
def test_what_cannot_be_read_is_reported(stored: bytes) -> None:
    with pytest.raises(BrokenStore, match="snapshot cannot be read"):
        Snapshot.from_bytes(stored)


def test_another_format_is_named() -> None:
    head, *rest = gzip.decompress(snapshot().to_bytes()).splitlines(keepends=True)
    changed = json.dumps({**json.loads(head), "format": 99}).encode() + b"\n"
    with pytest.raises(BrokenStore, match="format 99"):
        Snapshot.from_bytes(gzip.compress(b"".join((changed, *rest))))


@pytest.mark.parametrize("missing", [1, 5, 40])
def test_lines_that_are_missing_are_reported(missing: int) -> None:
    lines = gzip.decompress(snapshot().to_bytes()).splitlines(keepends=True)
    with pytest.raises(BrokenStore, match="snapshot cannot be read"):
        Snapshot.from_bytes(gzip.compress(b"".join(lines[:-missing])))
