"""``finops lake``: versions, sizes, restatements, reconciliation, repair and compaction."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from finops.cli.globals import globals_of
from finops.cli.opening import opened, opened_lake
from finops.cli.progress import bar
from finops.cli.reconcile import WithInvoices, reconcile
from finops.cli.terminal import show_table
from finops.errors import BadArguments, InvalidValue
from finops.model.money import format_amount

app = typer.Typer(no_args_is_help=True, help="Inspect, reconcile and maintain the lake.")
app.command(cls=WithInvoices)(reconcile)


@app.command()
def status(
    context: typer.Context,
    changes: Annotated[int, typer.Option("--changes", min=1, help="Number of recent changes to show")] = 20,
) -> None:
    """Show tables, versions, sizes and recent changes."""
    options = globals_of(context)
    with opened_lake(options) as lake:
        tables = Table("Table", "Version", "Rows", "Files", "Size", "Kept since", title="Tables", title_justify="left")
        for one in lake.status():
            tables.add_row(
                one.name,
                str(one.version),
                f"{one.rows:,}",
                f"{one.files:,}",
                _size(one.size_bytes),
                f"{one.oldest_version_at:%Y-%m-%d %H:%M} UTC",
            )
        show_table(options.out, tables, empty="the lake is empty; run 'finops collect' to fill it")
        history = Table(
            "When (UTC)", "Version", "Source", "Billing period", "Rows", "EffectiveCost", "Restated by",
            title="Recent changes", title_justify="left",
        )  # fmt: skip
        for change in lake.history(limit=changes):
            history.add_row(
                f"{change.at:%Y-%m-%d %H:%M:%S}",
                str(change.costs_version),
                Text(change.source),
                change.billing_period.isoformat(),
                f"{change.rows:,}",
                _amounts({currency: sums["EffectiveCost"] for currency, sums in change.sums.items()}),
                _amounts({c: sums["EffectiveCost"] for c, sums in change.restated.items()}, plus=True) or "–",
            )
        if history.row_count:
            show_table(options.out, history)


@app.command()
def rebuild(context: typer.Context) -> None:
    """Rebuild the derived tables 'scopes' and 'costs_daily' from 'costs'."""
    options = globals_of(context)
    with opened(options) as container:
        with bar(options.err) as progress:
            task = progress.add_task("rebuilding", total=None)
            said = container.lake.rebuild(lambda done, total: progress.update(task, completed=done, total=total))
        options.out.print(Text(said))


@app.command()
def compact(context: typer.Context) -> None:
    """Merge small files; the data stays the same."""
    options = globals_of(context)
    with opened(options) as container:
        for line in container.lake.compact():
            options.out.print(Text(line))


@app.command()
def vacuum(
    context: typer.Context,
    keep: Annotated[
        str | None,
        typer.Option(
            "--keep", metavar="DURATION", help="Versions to keep, such as 400d  [default: 'audit' in finops.yaml]"
        ),
    ] = None,
) -> None:
    """Delete files older than the audit period, and remains of crashes."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.config.quantities import parse_duration

        try:
            span = parse_duration(keep) if keep else container.config.audit
        except InvalidValue as error:
            raise BadArguments(error.what, where="--keep", remedy=error.remedy) from None
        for line in container.lake.vacuum(keep=span):
            options.out.print(Text(line))


def _amounts(amounts: dict[str, Decimal], *, plus: bool = False) -> str:
    return ", ".join(
        f"{format_amount(amount, currency, plus=plus)} {currency}" for currency, amount in sorted(amounts.items())
    )


def _size(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} TiB"
