"""The statement as one page that prints well: no script, nothing fetched, every style inside."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined

from finops.model.cost_links import costs_billed
from finops.model.statement import Statement
from finops.model.wording import count_text
from finops.ports.exporter import Document
from finops_exporters import wording
from finops_exporters.charts.style import alone
from finops_exporters.statement import tables, words
from finops_exporters.statement.tables import Row

WIDTH = 560
NOW, BEFORE, TEXT, GRID = "#1d4f91", "#b9c6d8", "#3f4854", "#e4e6ea"

_MOST = 15
_FONT = "system-ui, sans-serif"


@alone
def draw(rows: Sequence[Row], now: str, before: str) -> str | None:
    """SVG of the largest owners' EffectiveCost, ``now`` and ``before`` being the months' names; None without costs."""
    shown = [row for row in rows if row.effective > 0][:_MOST]
    if not shown:
        return None
    bars = [
        {"nth": nth, "month": month, "amount": float(amount)}
        for nth, row in enumerate(shown)
        for month, amount in ((now, row.effective), (before, row.last_month))
        if amount is not None
    ]
    # by number: two owners may read the same
    names = f"{json.dumps([row.name[:40] for row in shown])}[datum.value]"
    colours = alt.Scale(domain=[now, before], range=[NOW, BEFORE])
    chart = (
        alt.Chart(alt.Data(values=bars))  # type: ignore[no-untyped-call]  # altair's generated classes have no types
        .mark_bar(height={"band": 0.9})
        .encode(
            y=alt.Y("nth:O").axis(_axis(grid=False, labelLimit=220, labelExpr=names)),
            yOffset=alt.YOffset("month:N").sort([now, before]),
            x=alt.X("amount:Q").axis(_axis(grid=True, format="~s", tickCount=5)),
            color=alt.Color("month:N").scale(colours).legend(alt.Legend(title=None, orient="top", labelColor=TEXT)),
        )
        .properties(width=WIDTH, height=alt.Step(15))
        .configure(font=_FONT, background="transparent", padding={"left": 30, "right": 8, "top": 2, "bottom": 2})
        .configure_view(strokeWidth=0)
    )
    return vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])


def _axis(**given: Any) -> alt.Axis:
    return alt.Axis(
        title=None,
        labelColor=TEXT,
        labelFontSize=12,
        gridColor=GRID,
        domain=False,
        ticks=False,
        labelPadding=6,
        **given,
    )


MOST_SERVICES = 40
"""Services that the page lists by name, in all and of each owner; the workbook lists all."""


class StatementHtml:
    """For people: on a screen, on paper, in a mail."""

    def render(self, statement: Statement) -> Document:
        owners = tables.by_owner(statement)
        months = words.month(statement.month), words.month(statement.last_month.month)
        page = (
            _environment()
            .get_template("statement.html")
            .render(
                statement=statement,
                owners=[
                    (row, tables.budget_of(statement, whose), words.link(statement, costs_billed(statement, whose)))
                    for whose, row in owners
                ],
                total=tables.total(statement),
                services=_services(statement),
                of_owner=[(row, _services(statement, whose)) for whose, row in owners if row.effective],
                categories=tables.by_category(statement),
                late=tables.late(statement),
                budgets=tables.budgets(statement),
                chart=draw([row for _, row in owners], *months),
                count_text=count_text,
                words=words,
                wording=wording,
            )
        )
        return Document("text/html; charset=utf-8", page.encode(errors="replace"))


def _services(statement: Statement, whose: str | None = None) -> list[tuple[Row, str]]:
    """Each with the address of the costs behind it; others have none."""
    rows = tables.folded(tables.by_service(statement, whose), MOST_SERVICES)
    return [
        (row, words.link(statement, costs_billed(statement, whose, row.key)) if row.key is not None else "")
        for row in rows
    ]


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("finops_exporters.statement"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
