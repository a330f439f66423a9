"""The daily cost series of the groups of a policy, cached by (source, billing period)."""
