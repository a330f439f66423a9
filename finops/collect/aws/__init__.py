"""Bills of Amazon Web Services."""

from finops.collect.aws.data_export import DataExport, DataExportOptions

__all__ = ["DataExport", "DataExportOptions"]
