"""FOCUS files: CSV, CSV.gz and Parquet, on disk or in an object store."""

from finops.collect.files.source import FocusFiles, FocusFilesOptions

__all__ = ["FocusFiles", "FocusFilesOptions"]
