"""Writes the files of the demo, and its one restatement."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from finops.demo import ai, aws, azure, datacentre
from finops.demo.agreements import write_agreements
from finops.demo.bills import months_of, write_csv, write_parquet
from finops.demo.columns import FOCUS_1_0, FOCUS_1_2, FOCUS_1_3, FOCUS_1_4
from finops.demo.demand import demand, revenue, write_emissions, write_series
from finops.demo.organisation import CURRENCIES, SourceName
from finops.demo.project import ProjectBudget, project_budget, write_policy, write_sheet
from finops.demo.rates import rates, write_rates
from finops.demo.timeline import Timeline
from finops.errors import BadArguments, NotFound
from finops.model.invoice import Invoice
from finops.model.money import Money
from finops.model.period import month_start
from finops.model.rates import Rates

SHORTEST_DAYS, LONGEST_DAYS = 40, 1500
_OWN = ("bills", "budgets", "corrections", "demand", "emissions", "policies", "value")
SHEET = Path("budgets") / "plan.csv"
"""Where finance's budgets are, in the folder of the demo."""
MARKER = "demo.json"
"""Marks a directory as a demo, which another demo may replace."""


@dataclass(frozen=True, slots=True)
class WrittenDemo:
    """What ``write_demo`` generated. ``bills``: as they are right, that is after the restatement."""

    timeline: Timeline
    bills: Mapping[SourceName, pl.DataFrame]
    rates: Rates
    project: ProjectBudget

    @property
    def restated_month(self) -> date:
        """The month of Azure that is first delivered with a fault."""
        return month_start(self.timeline.until, -1)

    def invoices(self, months: int = 3) -> list[Invoice]:
        """Invoices of the last closed ``months``: the BilledCost of each source, to the cent."""
        first, end = month_start(self.timeline.until, -months), month_start(self.timeline.until)
        return [
            Invoice(source, month, (Money(round(billed, 2), CURRENCIES[source]),), "the demo")
            for source, bill in self.bills.items()
            for month, rows in months_of(bill)
            if first <= month < end and isinstance(billed := rows["BilledCost"].sum(), Decimal)
        ]


def write_demo(out: Path, *, until: date, days: int = 400, seed: int = 20260301) -> WrittenDemo:
    """Writes bills, demand, value, emissions, rates, a project budget and a sheet of budgets to ``out``, nothing else.

    The data ends the day before ``until``. The same arguments write the same bytes. An existing demo is replaced.
    Raises ``BadArguments`` when ``days`` is out of range, or when ``out`` contains directories that no demo created.
    """
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise BadArguments(
            f"{days} days of demo data", where="--days", remedy=f"Use {SHORTEST_DAYS} to {LONGEST_DAYS} days"
        )
    _clear(out)
    timeline = Timeline(until, days)
    demo = WrittenDemo(timeline, make_bills(timeline, seed), rates(timeline, seed), project_budget(timeline))
    write_rates(out / "rates.csv", demo.rates)
    for folder in ("demand", "value"):
        (out / folder).mkdir()
    series = demand(timeline, seed, demo.bills["ai"])
    for one in series:
        write_series(out / "demand", one)
    orders = next(one for one in series if one.name == "orders")
    write_series(out / "value", revenue(orders, seed))
    write_emissions(out / "emissions", timeline, demo.bills)
    write_policy(out / "policies" / "project.yaml", demo.project)
    write_sheet(out / SHEET, timeline)
    _write_bills(out, demo)
    write_agreements(out / "bills", timeline, demo.bills)
    (out / MARKER).write_text(json.dumps({"until": until.isoformat(), "days": days, "seed": seed}) + "\n")
    return demo


def restate(out: Path) -> Path:
    """Replaces the bill of the restated month by its corrected version; returns the replaced file.

    A second call changes nothing. Raises ``NotFound`` when ``out`` contains no demo.
    """
    corrected = sorted((out / "corrections").rglob("*.csv.gz"))
    if not corrected:
        raise NotFound("no demo data", where=str(out), remedy="Run 'finops demo' first")
    target = out / "bills" / corrected[0].relative_to(out / "corrections")
    if target.read_bytes() != corrected[0].read_bytes():
        shutil.copyfile(corrected[0], target)
    return target


def make_bills(timeline: Timeline, seed: int) -> Mapping[SourceName, pl.DataFrame]:
    """All rows of all bills, after the restatement (columns: see ``rows.py``)."""
    return {
        "aws": aws.build(timeline, seed),
        "azure": azure.build(timeline, seed),
        "datacentre": datacentre.build(timeline, seed),
        "ai": ai.build(timeline, seed),
    }


def _write_bills(out: Path, demo: WrittenDemo) -> None:
    """A month of Azure is delivered with a fault first; its corrected version is written to ``corrections``."""
    folder, bills = out / "bills", demo.bills
    for month, rows in months_of(bills["aws"]):
        write_parquet(folder / "aws" / f"focus-{month:%Y-%m}.snappy.parquet", rows, FOCUS_1_0, aws.X_COLUMNS)
    for month, rows in months_of(bills["datacentre"]):
        write_csv(folder / "datacentre" / f"{month:%Y-%m}.csv", rows, FOCUS_1_3, ())
    for month, rows in months_of(bills["ai"]):
        write_csv(folder / "ai" / f"quillwort-{month:%Y-%m}.csv.gz", rows, FOCUS_1_4, ("x_AiModel", "x_AiTokenKind"))
    for month, right in months_of(bills["azure"]):
        name = Path("azure") / f"focus-{month:%Y-%m}.csv.gz"
        delivered = right
        if month == demo.restated_month:
            delivered = azure.with_meter_fault(right)
            write_csv(out / "corrections" / name, right, FOCUS_1_2, azure.X_COLUMNS)
        write_csv(folder / name, delivered, FOCUS_1_2, azure.X_COLUMNS)


def _clear(out: Path) -> None:
    """Removes an earlier demo. Raises ``BadArguments`` for anything else."""
    out.mkdir(parents=True, exist_ok=True)
    there = [folder for folder in _OWN if (out / folder).exists()]
    if there and not (out / MARKER).is_file():
        raise BadArguments(
            f"the directory contains {', '.join(there)}, not created by the demo",
            where=str(out),
            remedy="Choose an empty directory",
        )
    for folder in there:
        shutil.rmtree(out / folder)
