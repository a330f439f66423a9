"""``finops report``: one billing month for finance."""

from finops.app.reporting.make import Statements
from finops.app.reporting.months import MonthLister
from finops.app.reporting.year import BudgetYears

__all__ = ["BudgetYears", "MonthLister", "Statements"]
