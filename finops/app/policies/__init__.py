"""Checking and testing policy files."""
