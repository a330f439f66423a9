"""What libyaml reads is what ruamel.yaml reads: the same values, of the same types, at the same places."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.documents import Document, Fault, parse_documents
from finops.documents import yaml_file as carefully
from finops.documents.quick_yaml import read_quickly

ROOT = Path(__file__).parents[3]
WORDS = [
    *(
        "a",
        "true",
        "TRUE",
        "null",
        "~",
        "",
        "0",
        "5",
        "-3",
        "05",
        "1_000",
        "0x1f",
        "0o7",
        "1.5",
        ".5",
        "1e3",
        ".inf",
        "on",
    ),
    *("yes", "12:30", "2026-03-01", "2026-02-30", "2026-03-01 12:00:00", "12000 EUR", "spent > 100%", "team != 'b'"),
    *("a # b", "a#b", "'it''s'", '"e\\n\\"x"', '"\\x41"', "it's", "a: b", "a:b", "[a, 5, 'x']", "{a: 1, b: [c]}"),
    *("[a: b]", "{when: spent > 1%}", "!!str 5", "!x y", "&a b", "*a", "<<", "=", "|\n   two\n   lines", "::", "]"),
    *(
        ">-\n   two\n   lines",
        "|\n   # no comment",
        "日本",
        "@x",
        "%x",
        "- a",
        "? a",
        "http://x/y",
        "\n    - a\n    - b",
    ),
    *("\n  - c: d\n    e: f", "\n    g:\n      h: 1"),
]
KEYS = ("a", "b", "'q'", '"d q"', "x y", "1", "true", "é", "<<", "? k", "- i")
LINES = st.one_of(
    st.builds(lambda key, word: f"{key}: {word}", st.sampled_from(KEYS), st.sampled_from(WORDS)),
    st.builds("- {}".format, st.sampled_from(WORDS)),
    st.sampled_from(["# c", "---", "", "...", "\tx: y", "%YAML 1.1", "z:"]),
)


def by_ruamel(text: str) -> tuple[list[Document], list[Fault]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carefully, "read_quickly", lambda _: None)
        return parse_documents(text, "f.yaml")


def agree(text: str) -> None:
    if read_quickly(text) is None:
        return  # ruamel.yaml reads it either way
    quick, careful = parse_documents(text, "f.yaml"), by_ruamel(text)
    assert quick[1] == careful[1]
    assert len(quick[0]) == len(careful[0])
    for own, its in zip(quick[0], careful[0], strict=True):
        assert (own.text, own.first_line, typed(own.data)) == (its.text, its.first_line, typed(its.data))
        for loc in places(its.data):
            for of_value in (False, True):
                assert own.place(loc, of_value=of_value) == its.place(loc, of_value=of_value), (loc, of_value)


def typed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, typed(part)) for key, part in value.items()]
    if isinstance(value, list):
        return [typed(part) for part in value]
    return ("str" if isinstance(value, str) else type(value).__name__), value


def places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, part in parts for place in places(part, (*at, key)))]


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=5))
def test_they_agree_about_every_text(lines: list[str]) -> None:
    agree("\n".join(lines) + "\n")


@pytest.mark.parametrize("word", WORDS)
def test_they_agree_about_every_word(word: str) -> None:
    agree(f"key: {word}\nother: {{in: [{word}]}}\n")
    agree(f"key: {word}\n")


def test_they_agree_about_policies() -> None:
    for file in (*ROOT.glob("policies/*.yaml"), *ROOT.glob("tests/golden/policies/*/*.yaml")):
        agree(file.read_text(encoding="utf-8"))


def test_a_word_means_what_yaml_1_2_says() -> None:
    (read,), _ = parse_documents("on: yes\nday: 2026-03-01\ntime: 12:30\nfew: 3\n'5': null\n", "f.yaml")
    assert read.data == {"on": "yes", "day": date(2026, 3, 1), "time": "12:30", "few": 3, "5": None}
