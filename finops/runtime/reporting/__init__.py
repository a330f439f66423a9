"""``finops report``: one billing month for finance."""

from finops.runtime.reporting.make import make_statement

__all__ = ["make_statement"]
