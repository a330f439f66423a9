"""``finops init`` as a newcomer meets it, on a terminal and without one."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops.cli.app import app
from tests.support.sample import SAMPLE

ANSWERED = ("init", "--source", "focus-files:path=./bills", "--currency", "USD", "--budget", "14")
WRITTEN = ["finops.yaml", "policies/all-spend.test.yaml", "policies/all-spend.yaml"]

Finops = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bills").mkdir()
    (tmp_path / "bills/sample.csv").write_bytes(SAMPLE.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def finops(folder: Path) -> Finops:
    """Both outputs of a command in this process; its standard input is no terminal."""

    def run(*arguments: str, status: int = 0) -> str:
        done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
        assert done.exit_code == status, done.output
        return done.output

    return run


def files(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))
    return sorted(found)


def test_what_it_writes_is_good_and_the_source_is_tried(finops: Finops, folder: Path) -> None:
    said = finops(*ANSWERED)
    assert files(folder) == WRITTEN
    assert "1 policy, 3 tests, all valid" in said
    assert "holds 2024-09, 2024-10" in said, "the source was tried"
    assert [line.strip() for line in said.splitlines() if line.startswith("  finops")] == [
        "finops collect",
        "finops evaluate --as-of 2024-09-30T23:59:00Z",
        "finops run",
    ]
    assert "no errors" in finops("config", "check")
    assert "3 passed, 0 failed" in finops("policies", "test", "policies")


def test_what_no_option_says_is_proposed_from_the_bill(finops: Finops, folder: Path) -> None:
    finops("init", "--source", "focus-files:path=./bills", "--vscode", "--no-check")
    config, policy = (folder / "finops.yaml").read_text(), (folder / "policies/all-spend.yaml").read_text()
    assert "currency: USD" in config
    assert "- tags: [application, business_unit, CostCenter]" in config
    assert "amount: 15 USD" in policy, "September 2024 came to 14.48 USD"
    for path in (folder / "finops.yaml", *(folder / "policies").iterdir()):
        schema = path.read_text().partition("$schema=")[2].split()[0]
        assert (path.parent / schema).is_file(), "the editor finds the schema that the file names"
    assert "redhat.vscode-yaml" in (folder / ".vscode/extensions.json").read_text()
    finops("collect")
    unknown = finops("evaluate", "--format", "json")
    assert "The newest bill is complete through 2024-09-19: finops evaluate --as-of 2024-09-19T23:59:00Z" in unknown
    assert "1 firing" in finops("evaluate", "--as-of", "2024-09-30T23:59:00Z")


def test_its_tests_hold_whatever_amount_the_policy_gets(finops: Finops, folder: Path) -> None:
    finops(*ANSWERED, "--no-check")
    path = folder / "policies/all-spend.yaml"
    path.write_text(path.read_text().replace("amount: 14 USD", "amount: 987654 USD"))
    assert "3 passed, 0 failed" in finops("policies", "test", "policies")


def test_verdicts_in_another_currency_say_where_rates_belong(finops: Finops, folder: Path) -> None:
    said = finops("init", "--source", "focus-files:path=./bills", "--currency", "EUR", "--budget", "14", "--no-check")
    assert "some bills are in USD" in said
    finops("collect")
    verdict = finops("evaluate", "--as-of", "2024-09-30T23:59:00Z", "--format", "json")
    assert "rates: {source: ecb-file, path: ./rates.csv}" in verdict


def test_bills_that_cannot_be_read_say_why_nothing_is_proposed(finops: Finops, folder: Path) -> None:
    (folder / "bills/sample.csv").write_text("a,b\n1,2\n")
    said = finops("init", "--source", "focus-files:path=./bills", status=2)
    assert "--currency, --budget missing" in said
    assert "the bills could not be read to propose them: bills/sample.csv" in said
    assert files(folder) == []


def test_an_empty_folder_is_told_where_to_begin(finops: Finops) -> None:
    assert "Run 'finops init' to write one" in finops("collect", status=2)


def test_without_a_terminal_every_missing_option_is_named(finops: Finops, folder: Path) -> None:
    said = finops("init", "--currency", "EUR", status=2)
    assert "--source, --budget missing, and standard input is not a terminal" in said
    assert files(folder) == []


def test_a_wrong_answer_writes_nothing(finops: Finops, folder: Path) -> None:
    said = finops("init", "--source", "aws-data-export:bucket=b,export=e", *ANSWERED[3:], status=2)
    assert "finops.yaml:14:" in said
    assert "at least 3 characters" in said
    assert files(folder) == []


def test_nobodys_work_is_overwritten_unasked(finops: Finops, folder: Path) -> None:
    (folder / "policies").mkdir()
    (folder / "policies/all-spend.yaml").write_text("mine")
    said = finops(*ANSWERED, status=2)
    assert "these files already exist: policies/all-spend.yaml" in said
    assert files(folder) == ["policies/all-spend.yaml"]
    assert "3 tests, all valid" in finops(*ANSWERED, "--replace", "--no-check")
    assert files(folder) == WRITTEN


def test_a_source_that_does_not_work_yet_says_what_it_needs(finops: Finops, folder: Path) -> None:
    said = finops("init", "--source", "focus-files:path=./nowhere", *ANSWERED[3:], status=4)
    assert files(folder) == WRITTEN, "the files are good: only the bills are not there"
    assert "FAILED" in said
    assert "finops sources check" in said


def test_another_place_for_the_configuration(finops: Finops, folder: Path) -> None:
    assert "finops -c conf/costs.yaml collect" in finops("-c", "conf/costs.yaml", *ANSWERED, "--no-check")
    assert files(folder) == ["conf/costs.yaml", "conf/policies/all-spend.test.yaml", "conf/policies/all-spend.yaml"]
    assert "no errors" in finops("-c", "conf/costs.yaml", "config", "check")


class Terminal:
    """A process on a terminal of its own; answers are typed when it asks."""

    def __init__(self, command: list[str]) -> None:
        self._ours, theirs = pty.openpty()
        env = {**os.environ, "COLUMNS": "200", "TERM": "dumb"}
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, close_fds=True)
        os.close(theirs)
        self.shown = ""

    def until(self, text: str, *, seconds: float = 60) -> str:
        """What it showed up to ``text`` since the last time."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < end, f"no {text!r} in {self.shown!r}"
            if select.select([self._ours], [], [], 1)[0]:
                self.shown += os.read(self._ours, 65536).decode(errors="replace")
        before, _, self.shown = self.shown.partition(text)
        return before

    def answer(self, question: str, typed: str) -> str:
        before = self.until(question)
        self.until(": ")
        os.write(self._ours, f"{typed}\n".encode())
        return before

    def close(self) -> int:
        if self.process.poll() is None:
            self.process.kill()
        os.close(self._ours)
        return self.process.wait(30)


def test_on_a_terminal_it_asks_and_asks_again(folder: Path) -> None:
    terminal = Terminal([sys.executable, "-m", "finops", "init"])
    try:
        terminal.answer("Number", "6")
        terminal.answer("Files, a glob or a folder", "./bills")
        terminal.answer("Another source?", "n")
        assert "The bills are in USD" in terminal.answer("Reporting currency", "dollars")
        assert "'dollars' is not an ISO 4217 currency code" in terminal.answer("Reporting currency", "usd")
        terminal.answer("Monthly budget for all costs, in USD", "14")
        terminal.answer("Tag that holds the team", "")
        terminal.answer("Mail address", "finance")
        assert "is not a valid email address" in terminal.answer("Mail address", "finance@example.com")
        terminal.answer("Mail server", "smtp.example.com")
        assert files(folder) == [], "nothing is written before the last answer"
        terminal.answer("Login (empty", "")
        terminal.until("finops notify test mail")
        terminal.until("http://127.0.0.1:9700")
        assert terminal.process.wait(60) == 0
    finally:
        terminal.close()
    assert files(folder) == WRITTEN
    assert "to: [finance@example.com]" in (folder / "finops.yaml").read_text()
