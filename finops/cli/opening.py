"""Opens finops.yaml for the duration of one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from finops.cli.failure import told
from finops.cli.globals import Globals

if TYPE_CHECKING:
    from finops.app.container import Container
    from finops.ports.clock import Clock
    from finops.ports.lake import Lake
    from finops.state import State


@contextmanager
def opened(options: Globals, *, for_service: bool = False) -> Iterator[Container]:
    """The container that finops.yaml describes. Errors in the block are printed and set the exit status.

    ``for_service``: with everything that the service needs to start.
    """
    from finops.app.clock import SystemClock
    from finops.app.container import open_container
    from finops.app.logs import configure_logs
    from finops.app.start_check import check_start

    configure_logs(options.log_format, verbose=options.verbose)
    with told(options):
        check = {"check": check_start} if for_service else {}
        container = open_container(options.config, SystemClock(), **check)
        try:
            yield container
        finally:
            container.close()


@contextmanager
def opened_state(options: Globals) -> Iterator[tuple[State, Clock]]:
    """The state alone, as ``opened``: without the libraries of the lake and of the clouds."""
    with told(options):
        from finops.app.clock import SystemClock
        from finops.config import load_config
        from finops.focus.schema import condition_columns
        from finops.state import open_state

        config, clock = load_config(options.config, condition_columns()), SystemClock()
        state = open_state(config.state_url, base=config.base, clock=clock)
        try:
            yield state, clock
        finally:
            state.close()


@contextmanager
def opened_lake(options: Globals) -> Iterator[Lake]:
    """The lake alone, as ``opened``, for what only reads it: without the state and the cluster."""
    with told(options):
        from finops.app.clock import SystemClock
        from finops.app.open_lake import open_lake, read_config

        config = read_config(options.config)
        yield open_lake(config, SystemClock(), config.dimensions, config.timezone)
