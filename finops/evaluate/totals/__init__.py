"""What everything costs, for the cost metrics: no policy needed."""
