"""``finops report``: one billing month for finance."""

from finops.app.reporting.make import Statements

__all__ = ["Statements"]
