"""``finops assets``: files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from finops.cli.failure import told
from finops.cli.globals import globals_of
from finops.model.wording import count_text


def assets(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Directory to write to")],
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite existing files that differ")] = False,
    url: Annotated[
        str,
        typer.Option("--url", metavar="URL", help="Address of the service, for links in dashboards and rules"),
    ] = "http://127.0.0.1:9700",
) -> None:
    """Write dashboards, alerting rules, policies and cloud permissions."""
    options = globals_of(context)
    with told(options):
        from finops.app.assets import write_assets

        written = write_assets(folder, replace=replace, service_url=url)
        for path in written:
            options.out.print(str(path), highlight=False, soft_wrap=True)
        count = f"{count_text(len(written), 'file')} written"
        options.err.print(f"{count}; {folder}/README.md describes them", highlight=False)
