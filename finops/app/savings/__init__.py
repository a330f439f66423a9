"""Savings: claimed by people, measured against what demand would have cost, credited where they are proven."""

from finops.app.savings.claims import Savings

__all__ = ["Savings"]
