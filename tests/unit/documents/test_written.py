"""Where text is wanted, a file's text is taken letter by letter, whatever YAML reads from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from finops.documents import parse_documents, validate

SCALARS = [
    "012345670123",
    "123456789012",
    "0o17",
    "0x1F",
    "1_000",
    "1.10",
    "1e3",
    ".5",
    "-0",
    "+7",
    ".inf",
    "true",
    "True",
    "2026-03-01",
    "2026-03-01 10:00:00",
    "2026-03-01T10:00:00Z",
    "text",
    "12:30:45",
]


class Texts(BaseModel):
    one: str
    union: str | list[str]
    several: list[str]
    group: dict[str, str]


def read(text: str) -> Texts:
    (document,), faults = parse_documents(text, "p.yaml")
    assert not faults
    found, faults = validate(Texts, document)
    assert not faults
    assert found
    return found


@pytest.mark.parametrize("scalar", SCALARS)
def test_text_is_what_stands_there(scalar: str) -> None:
    block = f"one: {scalar}  # why\nunion: {scalar}\nseveral:\n  - {scalar}\n  - x\ngroup:\n  {scalar}: {scalar}\n"
    flow = f"{{one: {scalar}, union: [{scalar}], several: [ {scalar}, x ], group: {{{scalar} : {scalar}}}}}"
    for text in (block, f"# first\n---\n{flow}\n"):
        found = read(text)
        assert (found.one, found.several, found.group) == (scalar, [scalar, "x"], {scalar: scalar})
        assert found.union in (scalar, [scalar])


@given(st.from_regex(r"[0-9]{1,14}", fullmatch=True))
def test_no_account_loses_a_digit(account: str) -> None:
    found = read(f"one: {account}\nunion: {account}\nseveral: [{account}]\ngroup: {{{account}: {account}}}\n")
    assert found == Texts(one=account, union=account, several=[account], group={account: account})


@pytest.mark.parametrize(
    ("value", "said", "hint"),
    [
        ("null", "nothing", "Write a value, or remove the key if it is optional"),
        ("~", "nothing", "Write a value, or remove the key if it is optional"),
        ("[x]", "a list", "Write a single value"),
        ("{a: b}", "a mapping", "Write a single value"),
        ("&a [0123]", "a list", "Write a single value"),
    ],
)
def test_what_is_no_scalar_is_no_text(value: str, said: str, hint: str) -> None:
    (document,), _ = parse_documents(f"one: {value}\nunion: x\nseveral: []\ngroup: {{}}\n", "p.yaml")
    found, faults = validate(Texts, document)
    assert found is None
    assert [(fault.line, fault.message, fault.hint) for fault in faults] == [
        (1, f"expected a string, found {said}", hint)
    ]


def test_numbers_stay_numbers_where_numbers_are_wanted() -> None:
    class Numbers(BaseModel):
        count: int
        share: float

    (document,), _ = parse_documents("count: 3\nshare: 1.10\n", "p.yaml")
    assert validate(Numbers, document)[0] == Numbers(count=3, share=1.1)


def test_an_alias_has_the_text_of_its_anchor() -> None:
    assert read("one: &a 0123\nunion: *a\nseveral: [*a]\ngroup: {a: *a}\n").group == {"a": "0123"}
