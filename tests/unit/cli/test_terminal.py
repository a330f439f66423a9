"""No text of other people does anything to a terminal, and nothing of it is lost."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from finops.cli.terminal import Terminal, echo, echo_file, echo_json
from finops.model.untrusted import harmless, harmless_json, one_line, one_plain_line
from tests.support.hostile_names import HOSTILE_NAMES

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NAMES = sorted(HOSTILE_NAMES.values())


def printed(*objects: object) -> str:
    out = io.StringIO()
    Terminal(file=out, width=300).print(*objects)
    return out.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_printed_is_text(name: str) -> None:
    table = Table("Name", caption=Text(name))
    table.add_row(Text(name))
    table.add_row(name.replace("[", "("))
    for shown in (printed(name), printed(Text(name)), printed(table), printed(Panel(Text(name), title=Text(name)))):
        assert not CONTROLS.search(shown)


@pytest.mark.parametrize("name", ["[link=https://evil.example][red]x[/red]", "arn:aws:iam:key:user", "[/]"])
def test_a_name_is_no_markup_and_no_emoji(name: str) -> None:
    table = Table("Name")
    table.add_row(name)
    for shown in (printed(table), printed(name), printed(f"Amounts with costs of {name} are unknown")):
        assert name in shown


def test_colours_of_our_own_stay() -> None:
    out = io.StringIO()
    Terminal(file=out, force_terminal=True, color_system="standard").print(Text("late\x1b[8m", style="red"))
    assert out.getvalue() == "\x1b[31mlate\ufffd[8m\x1b[0m\n"


def test_documents_are_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    echo_json(json.dumps({"names": NAMES}, ensure_ascii=False))
    shown = capsys.readouterr().out
    assert not CONTROLS.search(shown)
    assert json.loads(shown) == {"names": NAMES}
    echo("\n".join(NAMES))
    assert not CONTROLS.search(capsys.readouterr().out)


@pytest.mark.parametrize("on_a_terminal", [True, False])
def test_a_file_is_text_on_a_terminal_and_itself_elsewhere(
    on_a_terminal: bool, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    body = "\n".join(NAMES).encode(errors="replace")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: on_a_terminal, raising=False)
    echo_file(body)
    shown = capfdbinary.readouterr().out
    assert bool(CONTROLS.search(shown.decode())) != on_a_terminal
    assert (shown == body) != on_a_terminal


@given(st.text())
def test_sanitising_twice_changes_nothing_more(text: str) -> None:
    for clean in (harmless, one_line, harmless_json, lambda text: one_plain_line(text, 20)):
        assert clean(clean(text)) == clean(text)
        assert not CONTROLS.search(clean(text))
    assert len(harmless(text)) == len(one_line(text)) == len(text)
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(("columns", "lines"), [(None, 1), ("80", 2)])
def test_a_sentence_stays_one_line_in_a_pipe(monkeypatch: pytest.MonkeyPatch, columns: str | None, lines: int) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    out = io.StringIO()
    Terminal(file=out).print(
        "finops.yaml: 1 source, 0 demand series, 1 dimension, 1 receiver, 1 policy, 3 tests: no errors"
    )
    assert len(out.getvalue().splitlines()) == lines
