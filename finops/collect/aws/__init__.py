"""Bills and emissions of Amazon Web Services."""

from finops.collect.aws.carbon import CarbonExport, CarbonExportOptions
from finops.collect.aws.data_export import DataExport, DataExportOptions

__all__ = ["CarbonExport", "CarbonExportOptions", "DataExport", "DataExportOptions"]
