"""Policy files checked against what finops.yaml knows, or against FOCUS alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from finops.config.plugins import policy_kinds
from finops.evaluate.policies import load_policies
from finops.focus.schema import condition_columns
from finops.model.policy import Policy
from finops.runtime.parts import read_config


def nearest_config(paths: Sequence[Path], named: Path) -> Path | None:
    """The finops.yaml that knows the dimensions: the one named, else the first in the folders above the policies."""
    if named.exists():
        return named
    for path in paths:
        for folder in (path.resolve(), *path.resolve().parents):
            if (folder / "finops.yaml").is_file():
                return folder / "finops.yaml"
    return None


def check_policies(paths: Sequence[Path], config_path: Path | None) -> Sequence[Policy]:
    """Raises ``Malformed`` with every fault of every file."""
    columns, demand = condition_columns(), set[str]()
    if config_path is not None:
        config = read_config(config_path)
        columns = columns.with_dimensions(config.dimension_names)
        demand = {entry.name for entry in config.demand}
    return load_policies(paths, kinds=policy_kinds().load_all(), columns=columns, demand=demand)
