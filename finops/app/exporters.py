"""Exporters and receivers found by entry point: this package never imports them by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from finops.config.plugins import Plugins
from finops.errors import NotFound
from finops.ports.exporter import FilesExporter, MetricsExporter, PagesExporter, StatementExporter


def metrics_exporter() -> MetricsExporter:
    return cast("MetricsExporter", _exporter("prometheus"))


def pages_exporter() -> PagesExporter:
    return cast("PagesExporter", _exporter("pages"))


def statement_exporter(form: str) -> StatementExporter:
    return cast("StatementExporter", _exporter(form, "finops.statements"))


def files_exporters() -> Sequence[FilesExporter]:
    """Every exporter that writes files, sorted by kind."""
    made = (_exporter(kind) for kind in Plugins("finops.exporters").kinds)
    return [cast("FilesExporter", exporter) for exporter in made if hasattr(exporter, "files")]


def _exporter(kind: str, group: str = "finops.exporters") -> object:
    plugins = Plugins(group)
    if kind not in plugins:
        raise NotFound(
            f"the exporter '{kind}' is not installed",
            where=f"entry points {group}",
            remedy="Reinstall finops: it is part of its wheel",
        )
    return plugins.load(kind)()
