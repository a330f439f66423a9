"""Real servers for every test that asks for one."""

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina.instrumentation
from hypothesis import settings
from structlog.stdlib import ProcessorFormatter

from tests.support.environment import make_changes_safe

make_changes_safe()

# how long one example takes says more about who shares the cores than about the program
settings.register_profile("shared-cores", deadline=None)
settings.load_profile("shared-cores")

# the program tells of waits in its own words, once its logs are configured
stamina.instrumentation.set_on_retry_hooks([])

# polars asks a store whose answers are cut for ten seconds more before it gives up; one second shows the same
os.environ.setdefault("POLARS_CLOUD_RETRY_TIMEOUT_MS", "1000")
os.environ.setdefault("POLARS_CLOUD_RETRY_MAX_BACKOFF_MS", "200")

# each client reads anew every authority that the machine trusts, for 5 to 40 ms; tests ask only loopback, where one
# that vouches for nobody does as well
os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "servers" / "nobody.pem")
os.environ.pop("SSL_CERT_DIR", None)

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


@pytest.fixture(scope="module", autouse=True)
def no_service_is_left() -> Iterator[None]:
    """One that still ran would log into what the commands of later tests print."""
    yield
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("APScheduler")]


@pytest.fixture(autouse=True)
def no_log_is_left() -> Iterator[None]:
    """Of a command that a test called: it would write into an output that is closed."""
    yield
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler.formatter, ProcessorFormatter)]
