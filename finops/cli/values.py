"""``finops values``: what a column can be compared with."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from finops.cli.globals import globals_of
from finops.cli.opening import opened
from finops.cli.terminal import echo_json


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


def values(
    context: typer.Context,
    column: Annotated[str, typer.Argument(help="FOCUS column, dimension or tag: ServiceName, team, \"tags['env']\"")],
    like: Annotated[str, typer.Option("--like", metavar="TEXT", help="Only values that contain this text")] = "",
    form: Annotated[Format, typer.Option("--format", help="Output format")] = Format.TEXT,
) -> None:
    """List the values of a column.

    Each has its share of the cost of the newest 30 days.
    """
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.values import values_of
        from finops.model.money import plain
        from finops.model.untrusted import one_line

        settings = container.settings.read()
        found = values_of(
            container.lake.at(container.lake.version()),
            column,
            container.columns,
            today=container.clock.now().date(),
            currency=settings.currency,
            rates=settings.rates,
            like=like,
        )
        if form is Format.JSON:
            rows = [
                {
                    "value": one.text,
                    "share": one.share,
                    "amount": {currency: plain(amount, currency) for currency, amount in sorted(one.amount.items())},
                }
                for one in found.values
            ]
            document = {"column": column, "from": str(found.first), "through": str(found.last), "values": rows}
            echo_json(json.dumps(document, indent=1, ensure_ascii=False))
            return
        out = options.out
        out.print(f"{column}, share of the cost from {found.first} through {found.last}", highlight=False)
        for one in found.values:
            share = "    –" if one.share is None else f"{one.share:6.1%}"
            out.print(Text(f"{share}  {one_line(one.text) or '(none)'}"), soft_wrap=True)
        if not found.values:
            out.print(f"no value contains '{like}'" if like else "the lake has no row in these days")
        elif all(one.share is None for one in found.values):
            why = "an exchange rate is missing, or the cost is zero: no shares; see 'rates:' in finops.yaml"
            options.err.print(why, style="yellow")
