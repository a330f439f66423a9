"""Two replicas on one PostgreSQL: one leads, both serve, and the other takes over."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.integration.main_job.test_service import fires, running, until


def test_the_second_takes_over_when_the_first_dies(folder: Path, postgres_database: str, tmp_path: Path) -> None:
    config = (folder / "finops.yaml").read_text(encoding="utf-8")
    secret = folder / "state-url"
    secret.write_text(postgres_database, encoding="utf-8")
    (folder / "finops.yaml").write_text(
        config.replace("state: sqlite:///state.db", "state: {file: ./state-url}"), encoding="utf-8"
    )
    other = tmp_path / "other"
    other.mkdir()
    for name in ("bills", "policies"):
        shutil.copytree(folder / name, other / name)
    shutil.copy(folder / "state-url", other / "state-url")
    (other / "finops.yaml").write_text(
        (folder / "finops.yaml").read_text(encoding="utf-8").replace("lake: ./lake", f"lake: {folder / 'lake'}"),
        encoding="utf-8",
    )
    with running(folder) as first:
        until(lambda: fires(first))
        assert "finops_leader 1.0" in first.get("/metrics")
        with running(other) as second:
            until(lambda: fires(second))  # from the first one's snapshot: the second collects nothing
            assert "finops_leader 0.0" in second.get("/metrics")
            first.process.kill()
            until(lambda: "finops_leader 1.0" in second.get("/metrics"))
            second.stop()
        assert second.process.returncode == 0
