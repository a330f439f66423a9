"""``finops config check`` finds whatever keeps ``finops run`` from starting, and says it in the same words."""

from __future__ import annotations

import socket
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops.cli.app import app
from tests.unit.http_client.test_session import served

BAD = sorted((Path(__file__).parents[2] / "golden" / "config" / "bad").glob("*.yaml"))
GOOD = "apiVersion: finops/v1\npolicies: ./policies\nlake: ./lake\nstate: sqlite:///state.db\ncurrency: EUR\n"
POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: all, owner: finance}
spec: {period: month, amount: 1 EUR, alerts: [{when: spent > 80%, severity: info}]}
"""


WEATHER = """\
from pydantic import BaseModel
class Weather:
    class Options(BaseModel): ...
    @classmethod
    def from_options(cls, name, options"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.yaml").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*arguments: str) -> tuple[int, list[str]]:
    """Exit status, and each line of standard error."""
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    return done.exit_code, done.stderr.splitlines()


@pytest.mark.parametrize("bad", BAD, ids=lambda path: path.stem)
def test_both_refuse_a_bad_file_alike(folder: Path, bad: Path) -> None:
    (folder / "finops.yaml").write_bytes(bad.read_bytes())
    checked, started = told("config", "check"), told("run", "--check")
    assert checked == started
    assert checked[0] == 2
    assert not (folder / "state.db").exists()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("rates: {source: ecb-file, path: ./rates.csv}", "finops.yaml:6:1: "),
        ("rates: {source: ecb-file, path: ./broken.csv}", "finops.yaml:6:1: ./broken.csv, row 1"),
        ("engine: {kind: spark, master: 'local[1]'}", "finops.yaml:6:1: engine: {kind: spark}: no Java was found"),
    ],
)
def test_both_refuse_what_is_missing_beside_it_alike(
    folder: Path, monkeypatch: pytest.MonkeyPatch, lines: str, says: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(folder))
    (folder / "broken.csv").write_text("Date,USD\nyesterday,1.1\n", encoding="utf-8")
    (folder / "finops.yaml").write_text(f"{GOOD}{lines}\n", encoding="utf-8")
    checked, started = told("config", "check"), told("run", "--check")
    assert checked == started
    assert checked[0] == 2
    assert checked[1][0].startswith(says)


def test_a_secret_that_is_not_set_here_keeps_run_from_starting_and_is_a_warning_of_the_check(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_URL", raising=False)
    auth = "http: {auth: {tokens: {anna: {token: {env: NOBODY}}, ben: {token: {file: empty}}}}}"
    (folder / "empty").write_text("\n", encoding="utf-8")
    text = GOOD.replace("sqlite:///state.db", "{env: STATE_URL}")
    (folder / "finops.yaml").write_text(f"{text}{auth}\n", encoding="utf-8")
    faults = [
        "finops.yaml:4:1: {env: STATE_URL}: the environment variable is not set. Set STATE_URL",
        "finops.yaml:6:24: {env: NOBODY}: the environment variable is not set. Set NOBODY",
        "finops.yaml:6:54: {file: empty}: the secret is empty. Fill empty",
    ]
    status, checked = told("config", "check")
    assert (status, checked) == (0, [f"warning: {fault}. 'finops run' needs it" for fault in faults])
    status, started = told("run", "--check")
    assert (status, started[:-1]) == (2, faults)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (
            "postgresql+psycopg://finops:hunter2@127.0.0.1:{port}/finops",
            "state (postgresql://127.0.0.1:{port}/finops): ",
        ),
        ("sqlite:///policies/all.yaml/state.db", "state ({folder}/policies/all.yaml/state.db): "),
        ("sqlite:///finops.yaml", "state ({folder}/finops.yaml): file is not a database. Restore the file"),
        ("sqlite:///newer.db", "state ({folder}/newer.db): its schema revision is unknown to this version. Run the"),
    ],
    ids=["no server", "no folder", "no database", "a newer program's"],
)
def test_a_state_that_does_not_answer_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch, state: str, says: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed_port = listener.getsockname()[1]
    with closing(sqlite3.connect(folder / "newer.db")) as newer:
        newer.execute("PRAGMA journal_mode=WAL")  # as finops writes it
        newer.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        newer.execute("INSERT INTO alembic_version VALUES ('9999')")
        newer.commit()
    monkeypatch.setenv("STATE_URL", state.format(port=closed_port))
    text = GOOD.replace("sqlite:///state.db", "{env: STATE_URL}")
    (folder / "finops.yaml").write_text(f"{text}http: {{listen: '127.0.0.1:0'}}\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    status, checked = told("config", "check")
    assert status == 0
    assert checked[0].startswith(f"warning: {says.format(port=closed_port, folder=folder)}")
    assert checked[0].endswith(". 'finops run' needs it")
    assert "hunter2" not in checked[0]
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert told("run", "--check")[0] == 4


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"alive\n", "a finops service listens on port {port}; a second one needs another port"),
        (b"hello", "port {port} is in use by another program. Stop that program, or choose another port. 'finops run'"),
    ],
)
def test_a_port_in_use(folder: Path, answer: bytes, says: str) -> None:
    def answers(connection: socket.socket, _over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))

    with served(answers) as address:
        port = int(address.rpartition(":")[2])
        (folder / "finops.yaml").write_text(f"{GOOD}http: {{listen: '127.0.0.1:{port}'}}\n", encoding="utf-8")
        status, checked = told("config", "check")
        assert status == 0
        assert checked[0].startswith(f"warning: http.listen: {says.format(port=port)}")
        status, started = told("run", "--check")
        assert status == 2
        assert started[0].startswith(f"error: http.listen: port {port} is in use by another program")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (
            "import no_such_library",
            "the kind weather cannot be imported (ModuleNotFoundError: No module named 'no_such",
        ),
        ("raise RuntimeError('old')", "the kind weather cannot be imported (RuntimeError: old)"),
        ("{kind}, *, telescope): pass", "sun: the kind weather requires 'telescope', which this version of finops"),
        ("{kind}): raise KeyError('hunter2')", "sun: the kind weather failed (KeyError at "),
    ],
)
def test_a_kind_of_another_distribution_that_cannot_be_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: str, says: str
) -> None:
    (folder / "weather_kind.py").write_text(code.replace("{kind}", WEATHER), encoding="utf-8")
    installed = folder / "weather-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Name: weather\nVersion: 1.0\n", encoding="utf-8")
    (installed / "entry_points.txt").write_text("[finops.sources]\nweather = weather_kind:Weather\n", encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "weather_kind", raising=False)
    (folder / "finops.yaml").write_text(f"{GOOD}sources: {{sun: {{kind: weather}}}}\n", encoding="utf-8")
    checked, started = told("config", "check"), told("run", "--check")
    assert checked == started
    assert checked[0] == 2
    assert checked[1][0].startswith("finops.yaml:6:")
    assert says in checked[1][0]
    assert "hunter2" not in checked[1][0]
