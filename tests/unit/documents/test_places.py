"""Documents know where each key and value stands."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from finops.documents import did_you_mean, load_documents, parse_documents, validate


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    amount: int
    period: Literal["day", "month"] = "month"


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    inner: Inner
    many: list[Inner] = []


TEXT = """\
# a comment
name: first
inner:
  amount: 1
---
name: second
inner: {amount: 2}
many:
  - amount: 3
  - amonut: 4
"""


def test_each_document_has_its_own_text_and_places() -> None:
    documents, faults = parse_documents(TEXT, "a.yaml")
    assert not faults
    assert [document.data["name"] for document in documents] == ["first", "second"]
    assert documents[0].text == "# a comment\nname: first\ninner:\n  amount: 1\n"
    assert documents[1].text.startswith("name: second")
    assert documents[1].place(("many", 1, "amonut")) == (10, 5)
    assert documents[1].place(("inner", "amount"), of_value=True) == (7, 17)


def test_all_faults_come_at_once_with_their_places() -> None:
    documents, _ = parse_documents(TEXT.replace("name: second\n", ""), "a.yaml")
    _, faults = validate(Outer, documents[1])
    assert [str(fault) for fault in sorted(faults)] == [
        "a.yaml:6:1: the key 'name' is missing. Add 'name:' here",
        "a.yaml:9:5: the key 'amount' is missing. Add 'amount:' here",
        "a.yaml:9:5: unknown key 'amonut'. Did you mean 'amount'?",
    ]


def test_keys_beside_the_model_are_known_but_left_out() -> None:
    documents, _ = parse_documents("kind: x\namount: 1\n", "a.yaml")
    model, faults = validate(Inner, documents[0], beside=("kind",))
    assert not faults
    assert model == Inner(amount=1)


def test_an_unknown_value_names_its_neighbour() -> None:
    documents, _ = parse_documents("amount: 1\nperiod: mnoth\n", "a.yaml")
    _, faults = validate(Inner, documents[0])
    assert [str(fault) for fault in faults] == ["a.yaml:2:9: unknown value 'mnoth'. Did you mean 'month'?"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: hush\na: 2\n", 'a.yaml:2:1: found duplicate key "a". Keep one of the two'),
        ("a: [1\n", "a.yaml:2:1: not YAML: expected ',' or ']'"),
        ("a: 'x\n", "a.yaml:2:1: not YAML: found unexpected end of stream"),
    ],
)
def test_what_is_no_yaml_is_a_fault_with_a_place(text: str, message: str) -> None:
    documents, faults = parse_documents(text, "a.yaml")
    assert documents == []
    assert str(faults[0]).startswith(message)
    assert "hush" not in str(faults[0])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    _, faults = load_documents(tmp_path / "none.yaml", shown_as="none.yaml")
    assert [str(fault) for fault in faults] == ["none.yaml:1:1: no such file. Check the path"]


def test_a_mapping_is_needed() -> None:
    documents, _ = parse_documents("name: a\ninner: 3\n", "a.yaml")
    _, faults = validate(Inner, documents[0], at=("inner",))
    assert str(faults[0]) == "a.yaml:2:1: expected a mapping, found 3. Known keys: amount, period"


def test_nothing_near_lists_what_is_known() -> None:
    assert did_you_mean("zzz", ["amount", "period"]) == "Known: amount, period"


BOMB = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: " + "[" * 900 + "]" * 900, 1, 53, "nested more than 50 levels deep"),
        ("a: " + "[" * 900, 1, 53, "nested more than 50 levels deep"),
        ("a: " + "{b: " * 900 + "1" + "}" * 900, 1, 200, "nested more than 50 levels deep"),
        ("".join(" " * n + f"k{n}:\n" for n in range(900)), 51, 51, "nested more than 50 levels deep"),
        ("x: 1\na: &a [1, *a]\n", 2, 11, "the alias '*a' refers to itself"),
        ("a: &a\n  b: *a\n", 2, 6, "the alias '*a' refers to itself"),
        (BOMB, 6, 10, "aliases repeat more than 10,000 values"),
    ],
    ids=["lists", "open lists", "mappings", "indentation", "itself in a list", "itself in a mapping", "bomb"],
)
def test_excess_is_a_fault_with_its_place(text: str, line: int, column: int, message: str) -> None:
    documents, faults = parse_documents(text, "p.yaml")

    assert documents == []
    assert [(fault.line, fault.column, fault.message) for fault in faults] == [(line, column, message)]


def test_aliases_within_bounds_are_read() -> None:
    (document,), faults = parse_documents("a: &a {b: 1}\nc: *a\nd: [*a, *a]\n", "p.yaml")
    assert not faults
    assert document.data == {"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, {"b": 1}]}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("a: " + "x" * 5_000_000)
    documents, (fault,) = load_documents(tmp_path / "p.yaml", shown_as="p.yaml")
    assert documents == []
    assert fault.message == "larger than 4,194,304 bytes"
