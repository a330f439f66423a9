"""``finops radar``: costs that grow faster than demand, without policies."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from finops.cli.globals import globals_of
from finops.cli.moments import parse_moment
from finops.cli.opening import opened
from finops.cli.terminal import echo, echo_json, show_parts


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"


def radar(
    context: typer.Context,
    by: Annotated[
        str, typer.Option("--by", metavar="COLUMN,…", help="Only this level: team,ServiceName  [default: the first]")
    ] = "",
    top: Annotated[int, typer.Option("--top", min=1, help="Most rows of each table")] = 20,
    policy: Annotated[
        str, typer.Option("--policy", metavar="ID", help="Print a Growth policy for this row instead")
    ] = "",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="Evaluate as of this time, on the latest data")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Output format")] = Format.TABLE,
) -> None:
    """Find costs that grow faster than demand, without policies.

    Holds every service of every owner, and every configured dimension, against each demand series that plausibly drives
    its cost; ranked by money beyond demand. Nothing is stored or sent.
    """
    options = globals_of(context)
    with opened(options) as container:
        from finops.cli.render.radar import radar_parts
        from finops.errors import BadArguments
        from finops.model.cost_question import columns_of
        from finops.model.radar_document import radar_document

        moment = parse_moment(as_of, "--as-of") if as_of else container.clock.now()
        columns = columns_of([by])
        levels = container.radar.levels
        if columns and set(columns) not in [set(level) for level in levels]:
            known = "; ".join(",".join(level) for level in levels)
            raise BadArguments(f"'{by}' is not a level", where="--by", remedy=f"Choose one of: {known}")
        found = container.radar.read(moment)
        if policy:
            matching = [one for one in found.found if one.id == policy]
            if not matching:
                raise BadArguments(
                    f"no row '{policy}' today",
                    where="--policy",
                    remedy="Copy an ID from 'finops radar'; rows come and go",
                )
            if not matching[0].policy:
                raise BadArguments(
                    "no demand series drives this cost, and a Growth policy needs one",
                    where="--policy",
                    remedy=matching[0].hint,
                )
            echo(matching[0].policy)
        elif form is Format.JSON:
            echo_json(json.dumps(radar_document(found), indent=1, ensure_ascii=False))
        else:
            show_parts(options.out, radar_parts(found, columns or levels[0], top))
