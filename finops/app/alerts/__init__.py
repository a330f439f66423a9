"""Acknowledging and silencing alerts, and testing receivers."""
