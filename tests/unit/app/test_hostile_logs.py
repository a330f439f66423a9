"""A name from a bill in the log is one field of one line, and moves no terminal's cursor."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from finops.app.logs import LogFormat, configure_logs
from tests.support.hostile_names import HOSTILE_NAMES


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_a_name_in_the_log(form: LogFormat, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(form)

    structlog.get_logger("finops.test").warning("failed", error=f"source '{name}': no", policy=name)
    logging.getLogger("a.library").warning("of a library: %s", name)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert not any(set(line) & set("\x00\x07\x1b\x7f\x9b\u202e\u2066\u2028\x0b") for line in lines)
    if form == "json":
        assert json.loads(lines[0])["policy"] == name


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_shows_no_local_variables(form: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(form)

    def sign_in(token: str) -> None:
        raise ValueError("refused")

    try:
        sign_in("".join(["s3cr", "et-token"]))
    except ValueError:
        logging.getLogger("a.library").exception("failed")
        structlog.get_logger("finops.test").exception("failed")

    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "s3cret-token" not in told
