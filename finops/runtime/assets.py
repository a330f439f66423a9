"""What the distribution ships for others to use: policies, dashboards, rules and runbooks, IAM policies, Terraform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from finops.errors import BadArguments
from finops.runtime.demonstrating import starter_policies
from finops.runtime.exporters import files_exporters
from finops.runtime.runbooks import runbooks

NAMED_FILES = 5
"""More files than this are counted, not listed."""


def write_assets(folder: Path, *, replace: bool, service_url: str) -> Sequence[Path]:
    """Writes every asset below ``folder``; returns the paths that were written or changed, sorted.

    ``service_url``: where people reach the service, for links in dashboards and rules.

    A file that is there with other content is somebody's work: without ``replace`` nothing at all is written.
    Raises ``BadArguments``.
    """
    assets = shipped(service_url)
    changed = {name: content for name, content in assets.items() if _differs(folder / name, content)}
    theirs = sorted(name for name in changed if (folder / name).exists())
    if theirs and not replace:
        shown = ", ".join(theirs[:NAMED_FILES]) + (
            f" and {len(theirs) - NAMED_FILES} more" if theirs[NAMED_FILES:] else ""
        )
        raise BadArguments(
            f"these files are there and differ: {shown}",
            where=str(folder),
            remedy="Choose another folder, or replace them with --replace",
        )
    try:
        for name, content in changed.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    except OSError as error:
        raise BadArguments(
            f"the files cannot be written ({error.strerror})", where=str(folder), remedy="Choose another folder"
        ) from error
    return sorted(folder / name for name in changed)


def shipped(service_url: str) -> Mapping[str, bytes]:
    """Relative path -> content."""
    roots = {"": Path(str(files("finops"))) / "assets", "policies": starter_policies()}
    kept = {
        str(Path(prefix) / path.relative_to(root)): path.read_bytes()
        for prefix, root in roots.items()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    made = {path: content for exporter in files_exporters() for path, content in exporter.files(service_url).items()}
    return kept | made | {f"runbooks/{path.name}": path.read_bytes() for path in runbooks().values()}


def _differs(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() != content
    except OSError:  # it is not there, or it is a folder: writing will say so
        return True
