"""Opens finops.yaml for the duration of one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from finops.cli.failure import told
from finops.cli.globals import Globals

if TYPE_CHECKING:
    from finops.app.container import Container


@contextmanager
def opened(options: Globals) -> Iterator[Container]:
    """The container that finops.yaml describes. Errors in the block are printed and set the exit status."""
    from finops.app.clock import SystemClock
    from finops.app.container import open_container
    from finops.app.logs import configure_logs

    configure_logs(options.log_format, verbose=options.verbose)
    with told(options):
        container = open_container(options.config, SystemClock())
        try:
            yield container
        finally:
            container.close()
