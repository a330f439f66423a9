"""The first steps are walked as they are written: files are saved, commands typed, outputs compared."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops.cli.app import app
from finops.config import load_config
from finops.focus.schema import condition_columns
from tests.support.markdown import documents_in

DOCS = Path(__file__).parents[3] / "docs"
PAGES = sorted((DOCS / "first-steps").glob("*.md"))
BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]+) -->\n)?```(?P<form>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
BARE = "apiVersion: finops/v1\npolicies: .\nlake: ./lake\ncurrency: EUR\n"


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield found["mark"] or "", found["form"], found["text"]


def typed(text: str) -> Iterator[tuple[str, str]]:
    """Command and what it answers."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, answer = part.partition("\n")
        yield command, answer


def as_pattern(answer: str) -> str:
    """``…`` stands for whatever comes; blanks at the ends of lines and empty lines count for nothing."""
    return ".*".join(re.escape(part.strip()) for part in plain(answer).split("…"))


def plain(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def test_a_newcomer_can_type_them_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    count, status = 0, 0
    for page in PAGES:
        for mark, form, text in blocks(page):
            if mark.startswith("file: "):
                path = tmp_path / mark.removeprefix("file: ")
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
            for command, answer in typed(text) if form == "console" else ():
                program, *arguments = shlex.split(command)
                if command == "echo $?":
                    said = str(status)
                else:
                    assert program == "finops"
                    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "100"})
                    said, status = done.output, done.exit_code
                assert re.fullmatch(as_pattern(answer), plain(said), re.DOTALL), f"{page.name}: {command}\n{said}"
                count += 1
    assert count > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_parts_of_a_configuration_are_without_fault(page: Path, tmp_path: Path) -> None:
    for number, (mark, _, text) in enumerate(blocks(page)):
        if mark == "config":
            given = set(re.findall(r"^(\w+):", text, re.MULTILINE))
            bare = "".join(line + "\n" for line in BARE.splitlines() if line.partition(":")[0] not in given)
            path = tmp_path / f"{number}.yaml"
            path.write_text(bare + text, encoding="utf-8")
            load_config(path, condition_columns())


def test_each_step_names_the_next() -> None:
    for page, following in pairwise(PAGES):
        assert f"({following.name})" in page.read_text().rstrip().splitlines()[-1]


def test_they_are_read_in_a_quarter_of_an_hour() -> None:
    words = sum(len(page.read_text().split()) for page in PAGES)
    assert words < 15 * 200, "200 words a minute, with tables and commands between them"


def test_the_index_leads_to_every_document() -> None:
    index = (DOCS / "README.md").read_text()
    listed = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+)\)", index)}
    folders_with_an_index = {DOCS / "adr", DOCS / "sources", DOCS / "runbooks"}
    wanted = {path.resolve() for path in documents_in(DOCS) if path.parent not in folders_with_an_index}
    assert wanted - listed - {(DOCS / "README.md").resolve()} == set()
