"""A bill for every team, and its signature."""

from finops.app.teams.bills import TeamBills

__all__ = ["TeamBills"]
