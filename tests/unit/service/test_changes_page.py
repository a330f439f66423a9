"""docs/changes.md states the times that the service keeps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from finops.config.file_model import ConfigFile
from finops.service import replica, requested
from finops.service.jobs import FIRST_RETRY, LONGEST_RETRY

PAGE = (Path(__file__).parents[3] / "docs" / "changes.md").read_text(encoding="utf-8")
ROWS = dict(line.strip("| ").split(" | ")[:2] for line in PAGE.splitlines() if line.startswith("| "))


@pytest.mark.parametrize(
    ("what", "every"),
    [
        ("policy files: edited, added, removed", replica.WATCH),
        ("rates under `rates:`", replica.WATCH),
        ("the lake, by `finops collect` or another process", replica.WATCH),
        ("the machine's clock", replica.WATCH),
        ('"Collect now", "Evaluate now"', requested.EVERY),
        ("acknowledgements and silences, on the pages of every replica", replica.REFRESH),
    ],
)
def test_changes_are_noticed_as_soon_as_the_page_says(what: str, every: timedelta) -> None:
    assert ROWS[what] == f"{every.seconds} seconds"


def test_the_page_names_the_back_off_and_the_default_interval() -> None:
    assert timedelta(minutes=1) == FIRST_RETRY
    assert f"at most every {LONGEST_RETRY.seconds // 60} minutes" in PAGE
    assert ConfigFile.model_fields["evaluate_every"].default == timedelta(hours=1)
    assert "`evaluate_every`, 1 hour by default" in PAGE
