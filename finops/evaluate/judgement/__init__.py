"""What a policy kind works with: the data of one group, readings, thresholds and verdicts."""
