"""``finops run``: one process that collects, evaluates, delivers and serves."""
