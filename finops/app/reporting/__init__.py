"""``finops report``: one billing month for finance."""

from finops.app.reporting.make import Statements
from finops.app.reporting.months import MonthLister

__all__ = ["MonthLister", "Statements"]
