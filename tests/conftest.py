"""Real servers for every test that asks for one."""

pytest_plugins = [
    "tests.servers.azurite",
    "tests.servers.chromium",
    "tests.servers.moto",
    "tests.servers.postgres",
    "tests.servers.prometheus",
    "tests.servers.smtp",
]
