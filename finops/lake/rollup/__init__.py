"""Rows of ``costs`` become cells of ``costs_daily``, in flat memory and exact to the last digit."""
