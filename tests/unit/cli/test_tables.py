"""Tables at every width: nothing of a row is lost."""

from __future__ import annotations

import pytest
from rich.table import Table
from rich.text import Text

from finops.cli.terminal import Terminal, show_parts, show_table

NAME = "a-policy-with-a-rather-long-name-for-a-narrow-terminal"
AMOUNT = "1,234,567,890.12 EUR"


def table() -> Table:
    made = Table("Policy", "State", "Why", "Until", title="Alerts")
    made.add_row(
        Text(NAME),
        "firing\nwarning",
        Text(f"spent {AMOUNT} of {AMOUNT}, and more words to fill the line"),
        "2026-03-20",
    )
    made.add_row("other", "ok", "", "2026-03-21")
    return made


def shown(width: int | None, monkeypatch: pytest.MonkeyPatch) -> str:
    if width is None:
        monkeypatch.delenv("COLUMNS", raising=False)
    else:
        monkeypatch.setenv("COLUMNS", str(width))
    console = Terminal(width=width)
    with console.capture() as captured:
        show_table(console, table())
    return captured.get()


@pytest.mark.parametrize("width", [40, 80, 99, 100, 200, None])
def test_no_name_amount_or_date_is_cut(width: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "".join(character for character in shown(width, monkeypatch) if character not in "│┃\n ")
    for text in (AMOUNT, "2026-03-20", "2026-03-21"):
        assert text.replace(" ", "") in said
    assert "…" not in said


def test_a_narrow_terminal_gets_paragraphs(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(80, monkeypatch)
    assert f"{NAME}  firing warning\n  Why: spent {AMOUNT}" in said
    assert "  Until: 2026-03-20\n" in said
    assert "│" not in said


def test_a_pipe_gets_whole_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = [line for line in shown(None, monkeypatch).splitlines() if NAME in line]
    assert f"spent {AMOUNT} of {AMOUNT}, and more words to fill the line" in line


def test_no_row_is_said_in_words() -> None:
    console = Terminal(width=200)
    with console.capture() as captured:
        show_table(console, Table("A"), empty="nothing fires")
    assert captured.get() == "nothing fires\n"


def test_a_number_in_a_headline_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    made = Table("Table", "Version", "Rows")
    made.add_row("costs", "1,204", "17")
    console = Terminal(width=80)
    with console.capture() as captured:
        show_parts(console, ["as of now", made])
    assert captured.get() == "as of now\ncosts  version 1,204\n  Rows: 17\n"
