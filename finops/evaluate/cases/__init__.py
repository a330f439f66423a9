"""Policies and the lake -> one case for each group of each policy, and its verdict."""
