"""What to do about each alert of the Prometheus rules: one page an alert."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from finops.ports.exporter import Document


def runbooks() -> Mapping[str, Path]:
    """Alert -> its page: beside the packages in the wheel, in ``docs`` of a checkout."""
    packaged = Path(str(files("finops"))) / "runbooks"
    folder = packaged if packaged.is_dir() else Path(str(files("finops"))).parent / "docs" / "runbooks"
    return {path.stem: path for path in sorted(folder.glob("*.md"))}


def runbook_documents() -> Mapping[str, Document]:
    """Address -> page, as text: where the links of the rules lead."""
    return {
        f"/runbooks/{alert}": Document("text/plain; charset=utf-8", path.read_bytes())
        for alert, path in runbooks().items()
    }
