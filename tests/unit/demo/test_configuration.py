from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import finops.demo
from finops.demo import write_config
from tests.unit.demo.conftest import Demo


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return found


def test_every_path_that_the_configuration_names_is_there(demo: Demo) -> None:
    config = _read(demo.folder / "finops.yaml")

    paths = [entry["path"] for section in ("sources", "demand", "emissions") for entry in config[section].values()]
    assert len(paths) == 11
    for path in (*paths, config["rates"]["path"], *config["policies"]):
        assert (demo.folder / path).exists(), path


def test_ports_and_policies_are_those_asked_for(tmp_path: Path) -> None:
    inside, outside = tmp_path / "demo" / "starter", tmp_path / "it's mine" / "policies"
    inside.mkdir(parents=True)
    config = _read(write_config(tmp_path / "demo", port=9800, smtp_port=2626, policies=[inside, outside]))

    assert config["http"]["listen"] == "127.0.0.1:9800"
    assert config["receivers"]["finance"]["smtp"]["port"] == 2626
    assert config["policies"] == ["./starter", outside.resolve().as_posix(), "./policies"]


def test_the_public_names_are_there() -> None:
    assert all(hasattr(finops.demo, name) for name in finops.demo.__all__)
