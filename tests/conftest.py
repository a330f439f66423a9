"""Real servers for every test that asks for one."""

import os

import stamina.instrumentation
from hypothesis import settings

# how long one example takes says more about who shares the cores than about the program
settings.register_profile("shared-cores", deadline=None)
settings.load_profile("shared-cores")

# the program tells of waits in its own words, once its logs are configured
stamina.instrumentation.set_on_retry_hooks([])

# polars asks a store whose answers are cut for ten seconds more before it gives up; one second shows the same
os.environ.setdefault("POLARS_CLOUD_RETRY_TIMEOUT_MS", "1000")
os.environ.setdefault("POLARS_CLOUD_RETRY_MAX_BACKOFF_MS", "200")

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
