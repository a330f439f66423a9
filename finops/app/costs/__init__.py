"""What was spent, by anything: one query behind the page Costs, ``finops costs`` and ``/api/v1/costs``."""

from finops.app.costs.query import CostQuery, CostSum, CostSums
from finops.app.costs.reader import CostReader
from finops.app.costs.sums import sum_costs

__all__ = ["CostQuery", "CostReader", "CostSum", "CostSums", "sum_costs"]
