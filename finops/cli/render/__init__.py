"""Results as tables for terminals, JSON for programs and JUnit XML for CI servers."""
