"""Two windows of days held against each other: shared by Growth, UnitCost and whoever looks at settled days."""
