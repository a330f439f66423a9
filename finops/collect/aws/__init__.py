"""Bills, emissions and metrics of Amazon Web Services."""

from finops.collect.aws.carbon import CarbonExport, CarbonExportOptions
from finops.collect.aws.cloudwatch import CloudWatchDemand
from finops.collect.aws.cloudwatch_options import CloudWatchDemandOptions
from finops.collect.aws.cost_explorer import CostExplorer, CostExplorerOptions
from finops.collect.aws.data_export import DataExport, DataExportOptions

__all__ = [
    "CarbonExport",
    "CarbonExportOptions",
    "CloudWatchDemand",
    "CloudWatchDemandOptions",
    "CostExplorer",
    "CostExplorerOptions",
    "DataExport",
    "DataExportOptions",
]
