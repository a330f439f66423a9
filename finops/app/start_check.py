"""What keeps the service from starting, beside faults of finops.yaml itself: all of it, before anything is opened.

``finops run`` and ``finops config check`` both ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from finops.app.instantiate import Failed, faults_at, make_receivers, make_sources
from finops.app.listening import address_warning
from finops.app.settings import SettingsReader
from finops.cluster.options import check_spark
from finops.config import Config
from finops.config.plugins import policy_profiles
from finops.documents import Fault
from finops.errors import FinopsError, Malformed
from finops.model.secret import Secret
from finops.ports.clock import Clock
from finops.ports.lake import Lake
from finops.ports.request_costs import RequestCosts

_Check = tuple[tuple[str, ...], Callable[[], object]]
"""The key of finops.yaml that asks for it, and a call that raises what is wrong."""


def check_start(config: Config) -> None:
    """Raises ``Malformed`` with what is wrong with files beside finops.yaml and with what is installed, and with
    secrets that a start needs and that are not set here. A source's or a receiver's may come later."""
    _raise(config, [*_beside(config), *_secrets(config)])


def check_project(config: Config, clock: Clock) -> None:
    """As ``check_start`` without secrets: they are set where the service runs. Makes every part, and opens no store."""

    def lake() -> Lake:
        from finops.app.open_lake import open_lake  # noqa: PLC0415 - deltalake takes a while to import

        return open_lake(config, clock, config.dimensions, config.timezone)

    _raise(config, _beside(config))
    make_sources(config, clock, lake, _request_costs)
    make_receivers(config, clock)


def place_warnings(config: Config) -> Iterator[str]:
    """What would keep a service from starting here and now: finops.yaml may be meant for another machine."""
    from finops.state import check_state  # noqa: PLC0415 - SQLAlchemy takes a while to import

    faults = _faults(config, _secrets(config))
    yield from (f"{fault}. 'finops run' needs it" for fault in faults)
    try:
        if not (isinstance(config.state, Secret) and faults):
            check_state(config.state_url, base=config.base)
    except FinopsError as error:
        yield f"{error}. 'finops run' needs it"
    if warning := address_warning(*config.http.address):
        yield warning


def _beside(config: Config) -> list[_Check]:
    checks: list[_Check] = [(("rates",), SettingsReader(config).read), (("policies",), policy_profiles)]
    if config.engine.master is not None:
        checks.append((("engine",), check_spark))
    return checks


def _secrets(config: Config) -> list[_Check]:
    checks: list[_Check] = []
    if isinstance(config.state, Secret):
        checks.append((("state",), lambda: config.state_url))
    auth = config.http.auth
    for section, name, secret in auth.secrets() if auth is not None else ():
        checks.append((("http", "auth", section, name), partial(secret.required, config.base)))
    return checks


def _request_costs() -> RequestCosts:
    """For a kind that is made and asks nothing: nothing is opened, so nothing can be booked."""
    from finops.state import unopened_request_costs  # noqa: PLC0415 - SQLAlchemy takes a while to import

    return unopened_request_costs()


def _raise(config: Config, checks: Sequence[_Check]) -> None:
    if faults := _faults(config, checks):
        raise Malformed(faults)


def _faults(config: Config, checks: Sequence[_Check]) -> list[Fault]:
    failed: list[Failed] = []
    for loc, check in checks:
        try:
            check()
        except FinopsError as error:
            failed.append((loc, error))
    return faults_at(config.path, failed)
