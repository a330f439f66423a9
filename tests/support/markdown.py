"""The project's own documents."""

from __future__ import annotations

from pathlib import Path


def documents_in(folder: Path) -> list[Path]:
    """Every one below ``folder``; those of the packages that draw the pictures are not ours."""
    return [path for path in sorted(folder.rglob("*.md")) if "node_modules" not in path.parts]
