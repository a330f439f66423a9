"""What keeps the service from starting, beside faults of finops.yaml itself: all of it, before anything is opened.

``finops run`` and ``finops config check`` both ask here. Whether the stores answer is found by opening them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from finops.app.settings import SettingsReader
from finops.cluster.options import check_spark
from finops.config import Config
from finops.config.plugins import policy_profiles
from finops.documents import Fault, load_documents
from finops.errors import FinopsError, Malformed
from finops.model.secret import Secret

_Check = tuple[tuple[str, ...], Callable[[], object]]
"""The key of finops.yaml that asks for it, and a call that raises what is wrong."""


def start_faults(config: Config) -> list[Fault]:
    """Of files beside finops.yaml, of what is installed."""
    checks: list[_Check] = [(("rates",), SettingsReader(config).read), (("policies",), policy_profiles)]
    if config.engine.master is not None:
        checks.append((("engine",), check_spark))
    return list(_raised(config, checks))


def secret_faults(config: Config) -> list[Fault]:
    """Secrets that a start needs and that are not set here. A source's or a receiver's may come later."""
    return list(_raised(config, _secrets(config)))


def check_start(config: Config) -> None:
    """Raises ``Malformed`` with everything that ``start_faults`` and ``secret_faults`` say."""
    if faults := [*start_faults(config), *secret_faults(config)]:
        raise Malformed(faults)


def _secrets(config: Config) -> Iterator[_Check]:
    if isinstance(config.state, Secret):
        yield ("state",), lambda: config.state_url
    auth = config.http.auth
    for section, name, secret in auth.secrets() if auth is not None else ():
        yield ("http", "auth", section, name), lambda secret=secret: secret.required(config.base)  # type: ignore[misc] # bound at once


def _raised(config: Config, checks: Iterable[_Check]) -> Iterator[Fault]:
    documents, _ = load_documents(config.path)
    for loc, check in checks:
        try:
            check()
        except FinopsError as error:
            yield documents[0].fault(loc, f"{error.where}: {error.what}", error.remedy)
