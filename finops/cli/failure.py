"""Reports errors on standard error and maps them to exit statuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from traceback import format_exc

import typer
from rich.console import Console
from rich.text import Text

from finops.cli.globals import Globals
from finops.errors import FinopsError, Malformed


@contextmanager
def told(options: Globals) -> Iterator[None]:
    """Prints any error raised in the block, and exits with its status."""
    try:
        yield
    except FinopsError as error:
        tell(options.err, error)
        raise typer.Exit(error.exit_status) from None
    except KeyboardInterrupt:
        options.err.print("stopped")
        raise typer.Exit(130) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - the last resort of every command: a sentence and an exit status
        if options.verbose > 1:
            options.err.print(Text(format_exc()), soft_wrap=True)
            raise typer.Exit(4) from None
        from finops.errors import fault_place

        options.err.print(f"internal error: {fault_place(error)}. Please report it; -vv shows the details")
        raise typer.Exit(4) from None


def tell(console: Console, error: FinopsError) -> None:
    """One line for each error, then their number."""
    if isinstance(error, Malformed):
        tell_faults(console, error.faults)
        console.print(f"{error.what}. {error.remedy}.", highlight=False, soft_wrap=True)
    else:
        console.print(f"error: {error}", style="red", highlight=False, soft_wrap=True)


def tell_warnings(console: Console, faults: Iterable[object]) -> None:
    """One line for each; the exit status stays as it is."""
    for fault in faults:
        console.print(f"warning: {fault}", style="yellow", highlight=False, soft_wrap=True)


def tell_faults(console: Console, faults: Iterable[object]) -> None:
    """One line for each error."""
    for fault in faults:
        console.print(str(fault), style="red", highlight=False, soft_wrap=True)
