"""What stands beside the pages of costs, budgets and teams: a drawing, workbooks and CSV files."""

from __future__ import annotations

from finops.errors import Throttled
from finops.model.cost_report import CostReport
from finops.model.cost_table import cost_csv
from finops.model.team_table import bill_csv, verdicts_csv
from finops.ports.exporter import Document
from finops.ports.pages import PageFacts, PageRequest
from finops_exporters.charts.costs import draw_costs
from finops_exporters.pages.budgets import budgets_workbook, year_of
from finops_exporters.pages.costs import bars_of, question_of, waiting
from finops_exporters.pages.costs_workbook import costs_workbook
from finops_exporters.pages.pictures import SIZES, Pictures
from finops_exporters.pages.team_workbook import bill_workbook
from finops_exporters.pages.teams import month_of, resource_question
from finops_exporters.workbook import XLSX


def costs_drawing(pictures: Pictures, request: PageRequest, facts: PageFacts) -> Document | None:
    size = request.query.get("size", "wide")
    report = facts.costs(question_of(request.query))
    if size not in SIZES or not isinstance(report, CostReport) or not (bars := bars_of(report)):
        return None
    period, today = report.period, facts.now().date()
    svg = pictures.svg(
        f"costs{bars!r}{period}{today}",
        lambda drawn: draw_costs(bars, period, today, report.whole[0].currency, drawn),
        size,
        dark=request.query.get("theme") == "dark",
    )
    return Document("image/svg+xml", svg, lasting=False) if svg is not None else None


def costs_file(request: PageRequest, facts: PageFacts) -> Document:
    """Raises ``BadArguments``; ``Throttled`` while single rows are read."""
    report = facts.costs(question_of(request.query))
    if not isinstance(report, CostReport):
        raise Throttled(
            waiting(report.rows, report.seconds),
            where="costs",
            remedy="Try again when it is done",
            retry_after_seconds=report.seconds,
        )
    if request.path.endswith(".csv"):
        return Document("text/csv; charset=utf-8", cost_csv(report).encode(errors="replace"), lasting=False)
    return Document(XLSX, costs_workbook(report, facts.now()), lasting=False)


def budgets_file(request: PageRequest, facts: PageFacts) -> Document:
    """Raises ``BadArguments``."""
    found = facts.budget_year(year_of(request.query))
    return Document(XLSX, budgets_workbook(found, facts.now()), lasting=False)


def team_file(name: str, request: PageRequest, facts: PageFacts) -> Document:
    """Raises ``BadArguments``."""
    bill = facts.team_bill(name, month_of(request.query))
    if request.path.endswith("/verdicts.csv"):
        return Document("text/csv; charset=utf-8", verdicts_csv(bill).encode(errors="replace"), lasting=False)
    if request.path.endswith(".csv"):
        return Document("text/csv; charset=utf-8", bill_csv(bill).encode(errors="replace"), lasting=False)
    resources = facts.costs(resource_question(bill))
    return Document(XLSX, bill_workbook(bill, resources, facts.now()), lasting=False)
