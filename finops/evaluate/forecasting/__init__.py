"""What a daily series will come to: calendar, level, trend, and how sure that is. Pure statistics, numpy only.

The method and what it was chosen against: ``benchmarks/forecast.py`` and ``benchmarks/README.md``.
"""

from finops.evaluate.forecasting.outlook import FEWEST_DAYS, Outlook, outlook
from finops.evaluate.forecasting.pattern import Pattern, pattern

__all__ = ["FEWEST_DAYS", "Outlook", "Pattern", "outlook", "pattern"]
