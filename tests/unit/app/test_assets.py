"""``finops assets DIR``: everything that ships, and nobody's work overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops.app.assets import shipped, write_assets
from finops.app.runbooks import runbooks
from finops.errors import BadArguments

URL = "https://finops.example.com"


def test_every_asset_is_written_once(tmp_path: Path) -> None:
    written = write_assets(tmp_path / "assets", replace=False, service_url=URL)
    assert {str(path.relative_to(tmp_path / "assets")) for path in written} == set(shipped(URL))
    assert (tmp_path / "assets/policies/budgets.yaml").read_bytes() == Path("policies/budgets.yaml").read_bytes()
    assert write_assets(tmp_path / "assets", replace=False, service_url=URL) == []


def test_a_changed_file_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    write_assets(tmp_path, replace=False, service_url=URL)
    mine, gone = tmp_path / "policies/budgets.yaml", tmp_path / "README.md"
    mine.write_text("mine")
    gone.unlink()
    with pytest.raises(BadArguments, match=r"policies/budgets\.yaml") as caught:
        write_assets(tmp_path, replace=False, service_url=URL)
    assert "--replace" in caught.value.remedy
    assert mine.read_text() == "mine"
    assert not gone.exists()
    assert write_assets(tmp_path, replace=True, service_url=URL) == [gone, mine]


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadArguments, match="cannot be written"):
        write_assets(tmp_path / "file", replace=False, service_url=URL)


def test_every_folder_of_assets_is_described() -> None:
    described = Path("finops/assets/README.md").read_text()
    folders = {name.partition("/")[0] for name in shipped(URL) if "/" in name}
    assert folders
    assert {folder for folder in folders if f"`{folder}/`" not in described} == set()


def test_dashboards_rules_and_runbooks_are_among_them() -> None:
    files = shipped(URL)
    rules = b"".join(content for name, content in files.items() if name.endswith(".rules.yaml")).decode()
    for alert in runbooks():
        assert f"{URL}/runbooks/{alert}\n" in rules
        assert files[f"runbooks/{alert}.md"].startswith(f"# {alert}\n".encode())
    assert len([name for name in files if name.startswith("grafana/dashboards/")]) == 4
