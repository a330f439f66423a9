"""schemathesis asks every route what its description allows and what it forbids, and looks for answers outside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.integration.web.api.world import TOKENS, world

SETTINGS = Path(__file__).with_name("schemathesis.toml")


def test_no_answer_is_outside_the_description(tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={SETTINGS}",
        "run",
        f"--header=Authorization: Bearer {TOKENS['responder']}",
        "--phases=coverage,fuzzing",
        "--mode=all",
        "--max-examples=2",
        "--seed=1",
        "--workers=2",
        "--request-timeout=60",
        "--suppress-health-check=all",
        "--generation-database=none",
        "--no-color",
    ]
    (tmp_path / "service").mkdir()
    with world(tmp_path / "service") as own:
        done = subprocess.run(
            [*command, f"{own.url}/api/openapi.json"],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200"},
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "35 selected / 35 total" in done.stdout
