"""A bill for every team, its signature, and a weekly digest."""

from finops.app.teams.bills import TeamBills
from finops.app.teams.digests import TeamDigests

__all__ = ["TeamBills", "TeamDigests"]
