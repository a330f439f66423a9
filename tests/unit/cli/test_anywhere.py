"""Global options stand before or behind the command."""

from __future__ import annotations

import pytest

from finops.cli.anywhere import hoisted


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        (["run", "-c", "x.yaml"], ["-c", "x.yaml", "run"]),
        (["--config=x.yaml", "run"], ["--config=x.yaml", "run"]),
        (["evaluate", "--format", "json", "-vv"], ["-vv", "evaluate", "--format", "json"]),
        (["explain", "--", "-c"], ["explain", "--", "-c"]),
        (["run", "-c"], ["-c", "run"]),
    ],
)
def test_where_options_stand(typed: list[str], understood: list[str]) -> None:
    assert hoisted(typed) == understood
