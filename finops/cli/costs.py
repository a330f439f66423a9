"""``finops costs``: what was spent, by anything."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from finops.cli.globals import globals_of
from finops.cli.moments import parse_day, parse_moment
from finops.cli.opening import opened
from finops.cli.terminal import echo_json
from finops.model.cost_question import ALLOCATED_COST, DEFAULT_COST, Compare, Conversion, Every


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Cost(StrEnum):
    EFFECTIVE = DEFAULT_COST
    BILLED = "BilledCost"
    CONTRACTED = "ContractedCost"
    LIST = "ListCost"
    ALLOCATED = ALLOCATED_COST


def costs(
    context: typer.Context,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by", metavar="COLUMN,…", help="FOCUS columns, dimensions or tags: team,ServiceName,\"tags['env']\""
        ),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First day  [default: 30 days before --to]")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Exclusive end  [default: tomorrow]")] = None,
    every: Annotated[Every, typer.Option("--every", help="Interval of each sum; all: the whole period")] = Every.ALL,
    scope: Annotated[str, typer.Option("--scope", metavar="SQL", help="Condition on rows, as in policies")] = "",
    compare: Annotated[
        Compare | None,
        typer.Option("--compare", help="The previous period, or the same days a month or a year earlier"),
    ] = None,
    cost: Annotated[Cost, typer.Option("--cost", help="Which cost to sum")] = Cost.EFFECTIVE,
    currency: Annotated[
        Conversion,
        typer.Option("--currency", help="Converted to currency: of finops.yaml, or each bill's own"),
    ] = Conversion.CONVERTED,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="Data as known at this time  [default: now]")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Output format")] = Format.TABLE,
) -> None:
    """Show what was spent, by anything.

    The numbers are those of the page Costs and of /api/v1/costs. A cost counts on its charge days; 'finops report'
    counts it in the month that bills it.
    """
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.collection.rollup_repair import heal
        from finops.cli.progress import bar
        from finops.cli.render.costs import show_costs
        from finops.model.cost_question import CostQuestion, columns_of
        from finops.model.cost_table import cost_csv, cost_document
        from finops.model.wording import count_text

        question = CostQuestion(
            start=parse_day(first, "--from") if first else None,
            end=parse_day(end, "--to") if end else None,
            by=columns_of(by or []),
            every=every,
            costs=(cost.value,),
            scope=scope,
            compare=compare,
            conversion=currency,
        )
        moment = parse_moment(as_of, "--as-of") if as_of else None
        heal(container.lake)
        reader = container.costs
        asked = reader.understand(question, as_of=moment)
        estimate = reader.estimate(asked)
        with bar(options.err) as shown:
            if estimate is not None:
                rows = count_text(estimate.rows, "row")
                seconds = count_text(estimate.whole_seconds, "second")
                options.err.print(f"the rollup lacks a column: reading {rows}, about {seconds}", highlight=False)
            task = shown.add_task("summing rows", total=None, visible=estimate is not None)
            report = reader.report(asked, progress=lambda done, all_: shown.update(task, completed=done, total=all_))
        if form is Format.JSON:
            echo_json(json.dumps(cost_document(report), indent=1, ensure_ascii=False))
        elif form is Format.CSV:
            typer.echo(cost_csv(report), nl=False)
        else:
            show_costs(options.out, report)
        for note in report.notes:
            options.err.print(note, style="yellow", highlight=False)
