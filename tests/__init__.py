"""A package, so that a stray ``tests`` among the installed ones (some bring theirs along) never stands before it."""
