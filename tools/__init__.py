"""Programs of the repository, which no installation has."""
