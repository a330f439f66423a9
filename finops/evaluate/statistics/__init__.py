"""Statistics of short daily series: numbers in, numbers out; no policy, no money."""
