"""Rolled-up costs -> the lines of a statement."""

from finops.publish.statement.cents import in_cents
from finops.publish.statement.lines import LineKey, bill_sums, first_days, month_lines

__all__ = ["LineKey", "bill_sums", "first_days", "in_cents", "month_lines"]
