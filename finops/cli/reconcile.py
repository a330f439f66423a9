"""``finops lake reconcile``: compares the lake with its own commits and with external totals."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from finops.cli.globals import FirstPeriod, PeriodEnd, Sources, globals_of
from finops.cli.moments import parse_day
from finops.cli.opening import opened
from finops.cli.progress import Steps
from finops.cli.terminal import echo_json, show_parts
from finops.errors import BadArguments, InvalidValue

if TYPE_CHECKING:
    from finops.model.invoice import Invoice

_INVOICE = "--invoice"
_WORDS = 4


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"


class DownTo(StrEnum):
    PERIOD = "period"
    DAY = "day"
    SERVICE = "service"


class WithInvoices(TyperCommand):
    """Accepts ``--invoice aws 2026-10 1234.56 USD`` repeatedly: typer has no repeatable option of several values."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # Any: typer carries a private copy of click, whose names are not ours to import
        parsed: list[str] = super().parse_args(ctx, joined(args))
        return parsed


def joined(arguments: list[str]) -> list[str]:
    """Joins the values of each ``--invoice`` into one argument; a quoted one is unchanged.

    >>> joined(["aws", "--invoice", "aws", "2026-10", "-5", "USD"])
    ['aws', '--invoice', 'aws 2026-10 -5 USD']
    """
    found: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        found.append(word)
        if word == _INVOICE and waiting:
            count = 1 if " " in waiting[0] else _WORDS
            found.append(" ".join(waiting[:count]))
            waiting = waiting[count:]
    return found


def reconcile(
    context: typer.Context,
    sources: Sources = None,
    first: FirstPeriod = None,
    end: PeriodEnd = None,
    invoice: Annotated[
        list[str] | None,
        typer.Option(_INVOICE, metavar="SOURCE MONTH AMOUNT CURRENCY", help="Total of an invoice; repeatable"),
    ] = None,
    tolerance: Annotated[
        str | None,
        typer.Option(
            "--tolerance",
            metavar="AMOUNT",
            help="Largest difference to accept, in any currency  [default: 0.01 EUR, 1 JPY, …]",
        ),
    ] = None,
    down_to: Annotated[
        DownTo,
        typer.Option("--down-to", help="Level at which totals must agree; finer differences are shown, and accepted"),
    ] = DownTo.PERIOD,
    lines: Annotated[int, typer.Option("--lines", min=0, help="Differences to show for each comparison")] = 20,
    form: Annotated[Format, typer.Option("--format", help="Output format")] = Format.TABLE,
) -> None:
    """Compare the totals of the lake with providers, manifests and invoices.

    The lake is recounted first. Exit status 4 when a total differs or could not be read."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.collection.request_costs import counting
        from finops.app.reconciliation import reconcile as reconciling
        from finops.app.reconciliation.compare import Judging
        from finops.cli.render.reconciliation import as_json, as_tables
        from finops.model.period import month_start
        from finops.model.reconciliation import Level
        from finops.ports.source import Window

        collectors = container.collectors
        names = collectors.source_names(sources or [])
        settled_before = (container.clock.now() - container.config.settling).date()
        judging = Judging(_tolerance(tolerance), Level(down_to.value), settled_before)
        invoices = [_invoice(text) for text in invoice or []]
        collectors.source_names([one.source for one in invoices])
        window = Window(
            month_start(parse_day(first, "--from")) if first else None, parse_day(end, "--to") if end else None
        )
        with Steps(options.err, names, doing="reconciling") as steps, counting(collectors.sources, collectors.log):
            found = reconciling(
                collectors,
                names,
                judging,
                counted_by={entry.name: entry.reconcile for entry in container.config.sources if entry.reconcile},
                window=window,
                known_invoices=container.config.invoices,
                invoices=invoices,
                progress=steps.doing,
                done=steps.done,
            )
        if form is Format.JSON:
            echo_json(as_json(found))
        else:
            show_parts(options.out, as_tables(found, most_lines=lines))
    if not found.is_fine:
        raise typer.Exit(4)


def _tolerance(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise BadArguments(f"'{text}' is not a valid amount", where="--tolerance", remedy="Write it like 0.01")
    return amount


def _invoice(text: str) -> Invoice:
    from finops.model.invoice import Invoice, parse_month
    from finops.model.money import Money

    words = text.split()
    if len(words) != _WORDS:
        raise BadArguments(
            f"'{text}' is not an invoice", where=_INVOICE, remedy="Write it like aws 2026-10 1234.56 USD"
        )
    try:
        return Invoice(words[0], parse_month(words[1]), (Money.parse(f"{words[2]} {words[3]}"),), "typed in")
    except InvalidValue as error:
        raise BadArguments(error.what, where=f"{_INVOICE} {text}", remedy=error.remedy) from None
