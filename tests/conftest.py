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

# how long one example takes says more about who shares the cores than about the program;
# --hypothesis-profile=thorough tries ten times as many where a test names no number of its own
settings.register_profile("shared-cores", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=400)
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


SERVERS = frozenset(
    {
        "alertmanager",
        "azurite_server",
        "chromium",
        "moto_server",
        "postgres_server",
        "prometheus",
        "prometheus_with_history",
        "prometheus_with_rules",
        "promtool",
        "spark_cluster",
    }
)
"""Fixtures that start a program, or a server in a process of its own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-servers", action="store_true", help="leave out tests that start servers or browsers")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Content is no part of a test's name: a compressed file holds the second in which it was made, and workers that
    disagree about names run nothing."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--without-servers"):
        left_out = [item for item in items if not SERVERS.isdisjoint(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> None:
    """A server that a test asks for by name only while it runs."""
    if fixturedef.argname in SERVERS and request.config.getoption("--without-servers"):
        pytest.skip("it needs a server: run it without --without-servers")


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
