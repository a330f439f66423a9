"""``finops report``: one billing month for finance."""

from finops.app.reporting.make import make_statement

__all__ = ["make_statement"]
