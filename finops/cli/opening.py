"""finops.yaml opened for one command, and closed again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from finops.cli.failure import told
from finops.cli.globals import Globals

if TYPE_CHECKING:
    from finops.runtime.parts import Parts


@contextmanager
def opened(options: Globals) -> Iterator[Parts]:
    """The parts that finops.yaml describes. Errors of the block are told, with the contract's exit status."""
    from finops.runtime.clock import SystemClock  # noqa: PLC0415 - the runtime imports polars, which takes a second
    from finops.runtime.logs import configure_logs  # noqa: PLC0415
    from finops.runtime.parts import open_parts  # noqa: PLC0415

    configure_logs(options.log_format, verbose=options.verbose)
    with told(options):
        parts = open_parts(options.config, SystemClock())
        try:
            yield parts
        finally:
            parts.close()
