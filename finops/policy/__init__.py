"""Policy files -> policies, their JSON Schema, and their unit tests."""
