"""Cost Explorer: AWS's own interface to daily costs, grouped, within a day of the usage; each page costs a cent."""

from finops.collect.aws.cost_explorer.options import CostExplorerOptions
from finops.collect.aws.cost_explorer.source import CostExplorer

__all__ = ["CostExplorer", "CostExplorerOptions"]
