"""What the distribution ships for others to use: policies, dashboards, rules and runbooks, IAM policies, Terraform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from finops.app.demo import starter_policies
from finops.app.exporters import files_exporters
from finops.app.runbooks import runbooks
from finops.app.written_files import write_files
from finops.config.plugins import policy_profiles


def write_assets(folder: Path, *, replace: bool, service_url: str) -> Sequence[Path]:
    """Writes every asset below ``folder``; returns the paths that were written or changed, sorted.

    ``service_url``: where people reach the service, for links in dashboards and rules.

    A file that is there with other content is somebody's work: without ``replace`` nothing at all is written.
    Raises ``BadArguments``.
    """
    return write_files(folder, shipped(service_url), replace=replace)


def shipped(service_url: str) -> Mapping[str, bytes]:
    """Relative path -> content."""
    roots = {"": Path(str(files("finops"))) / "assets", "policies": starter_policies()}
    kept = {
        str(Path(prefix) / path.relative_to(root)): path.read_bytes()
        for prefix, root in roots.items()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    profiles = policy_profiles()
    made = {
        path: content
        for exporter in files_exporters()
        for path, content in exporter.files(service_url, profiles).items()
    }
    return kept | made | {f"runbooks/{path.name}": path.read_bytes() for path in runbooks().values()}
