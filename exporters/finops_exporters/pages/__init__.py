"""Pages for people, rendered once a snapshot."""

from finops_exporters.pages.exporter import PagesExporter

__all__ = ["PagesExporter"]
