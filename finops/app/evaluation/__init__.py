"""Evaluating, explaining and backtesting policies over the lake."""
