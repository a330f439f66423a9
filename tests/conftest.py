"""Real servers for every test that asks for one."""

import stamina.instrumentation
from hypothesis import settings

# how long one example takes says more about who shares the cores than about the program
settings.register_profile("shared-cores", deadline=None)
settings.load_profile("shared-cores")

# the program tells of waits in its own words, once its logs are configured
stamina.instrumentation.set_on_retry_hooks([])

pytest_plugins = [
    "tests.servers.alertmanager",
    "tests.servers.azurite",
    "tests.servers.chromium",
    "tests.servers.cost_explorer",
    "tests.servers.moto",
    "tests.servers.postgres",
    "tests.servers.prometheus",
    "tests.servers.smtp",
    "tests.servers.spark",
]
