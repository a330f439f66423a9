"""Rolled-up costs -> the lines of a statement."""

from finops.publish.statement.lines import (
    Apart,
    LineKey,
    bill_days,
    bill_sums,
    billed_apart,
    charged_days,
    in_cents,
    month_lines,
)

__all__ = ["Apart", "LineKey", "bill_days", "bill_sums", "billed_apart", "charged_days", "in_cents", "month_lines"]
