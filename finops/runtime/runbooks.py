"""What to do about each alert of the Prometheus rules: one page an alert."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path


def runbooks() -> Mapping[str, Path]:
    """Alert -> its page: beside the packages in the wheel, in ``docs`` of a checkout."""
    packaged = Path(str(files("finops"))) / "runbooks"
    folder = packaged if packaged.is_dir() else Path(str(files("finops"))).parent / "docs" / "runbooks"
    return {path.stem: path for path in sorted(folder.glob("*.md"))}
