"""The whole demo as files, and the one restatement that comes later."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from finops.demo import ai, aws, azure, datacentre
from finops.demo.bills import months_of, write_csv, write_parquet
from finops.demo.columns import FOCUS_1_0, FOCUS_1_2, FOCUS_1_3, FOCUS_1_4
from finops.demo.demand import demand, write_demand, write_emissions
from finops.demo.incidents import planted
from finops.demo.organisation import SourceName
from finops.demo.project import project_budget, write_policy
from finops.demo.rates import rates, write_rates
from finops.demo.timeline import Timeline
from finops.demo.truth import Restatement, Truth, daily_euro, expected_budgets, period_sums, source_sums
from finops.errors import BadArguments, NotFound
from finops.model.period import month_start

SHORTEST_DAYS, LONGEST_DAYS = 40, 1500
_OWN = ("bills", "corrections", "demand", "emissions", "policies")
_TRUTH = "truth.json"


def write_demo(out: Path, *, until: date, days: int = 400, seed: int = 20260301) -> Truth:
    """Bills, demand, emissions, rates, a project budget and ``truth.json`` in the folder ``out``, and nothing else.

    The data ends the day before ``until``. The same arguments write the same bytes. A demo that is there already is
    replaced. Raises ``BadArguments`` when ``days`` is out of range, or when ``out`` holds folders that no demo made.
    """
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise BadArguments(
            f"{days} days of demo data",
            where="--days",
            remedy=f"Ask for {SHORTEST_DAYS} to {LONGEST_DAYS} days",
        )
    _clear(out)
    timeline = Timeline(until, days)
    bills = make_bills(timeline, seed)
    exchange = rates(timeline, seed)
    write_rates(out / "rates.csv", exchange)
    (out / "demand").mkdir()
    for series in demand(timeline, seed, bills["ai"]):
        write_demand(out / "demand", series)
    write_emissions(out / "emissions", timeline, bills)
    project = project_budget(timeline)
    write_policy(out / "policies" / "project.yaml", project)
    restatement = _write_bills(out, timeline, bills)
    euro = daily_euro(bills, exchange)
    truth = Truth(
        until=until,
        days=days,
        seed=seed,
        sources=source_sums(bills),
        months=euro.by_month(tax=False),
        tax=euro.by_month(tax=True),
        budgets=expected_budgets(euro, timeline),
        project=project,
        project_spent=euro.product_between(project.product, project.start, until),
        restatement=restatement,
        incidents=planted(timeline),
    )
    truth.write(out / _TRUTH)
    return truth


def restate(out: Path) -> Path:
    """Puts the corrected bill of the restated month in the place of its first version; returns the file replaced.

    The second call changes nothing. Raises ``NotFound`` when there is no demo in ``out``.
    """
    corrected = sorted((out / "corrections").rglob("*.csv.gz"))
    if not corrected:
        raise NotFound("no demo data", where=str(out), remedy="Run 'finops demo' first")
    target = out / "bills" / corrected[0].relative_to(out / "corrections")
    if target.read_bytes() != corrected[0].read_bytes():
        shutil.copyfile(corrected[0], target)
    return target


def make_bills(timeline: Timeline, seed: int) -> Mapping[SourceName, pl.DataFrame]:
    """Every row of every bill as it is right (see ``rows.py`` for the form)."""
    return {
        "aws": aws.build(timeline, seed),
        "azure": azure.build(timeline, seed),
        "datacentre": datacentre.build(timeline, seed),
        "ai": ai.build(timeline, seed),
    }


def _write_bills(out: Path, timeline: Timeline, bills: Mapping[SourceName, pl.DataFrame]) -> Restatement:
    folder = out / "bills"
    for month, rows in months_of(bills["aws"]):
        write_parquet(folder / "aws" / f"focus-{month:%Y-%m}.snappy.parquet", rows, FOCUS_1_0, aws.X_COLUMNS)
    for month, rows in months_of(bills["datacentre"]):
        write_csv(folder / "datacentre" / f"{month:%Y-%m}.csv", rows, FOCUS_1_3, ())
    for month, rows in months_of(bills["ai"]):
        write_csv(folder / "ai" / f"quillwort-{month:%Y-%m}.csv.gz", rows, FOCUS_1_4, ("x_AiModel", "x_AiTokenKind"))
    return _write_azure(out, timeline, bills["azure"])


def _write_azure(out: Path, timeline: Timeline, rows: pl.DataFrame) -> Restatement:
    """The month before ``until``'s is delivered with a fault first; its corrected version lies in ``corrections``."""
    restated_month = month_start(timeline.until, -1)
    name = Path("azure") / f"focus-{restated_month:%Y-%m}.csv.gz"
    restatement: Restatement | None = None
    for month, right in months_of(rows):
        delivered = right
        if month == restated_month:
            delivered = azure.with_meter_fault(right)
            write_csv(out / "corrections" / name, right, FOCUS_1_2, azure.X_COLUMNS)
            before, after = (period_sums(part, azure.CURRENCY) for part in (delivered, right))
            restatement = Restatement("azure", month, f"bills/{name.as_posix()}", before, after)
        path = out / "bills" / "azure" / f"focus-{month:%Y-%m}.csv.gz"
        write_csv(path, delivered, FOCUS_1_2, azure.X_COLUMNS)
    if restatement is None:  # pragma: no cover - the shortest demo reaches into the month before
        raise BadArguments("too few days to restate a month", where="--days", remedy="Ask for more days")
    return restatement


def _clear(out: Path) -> None:
    """Takes an older demo away, and refuses to touch what is none."""
    out.mkdir(parents=True, exist_ok=True)
    there = [folder for folder in _OWN if (out / folder).exists()]
    if there and not (out / _TRUTH).is_file():
        raise BadArguments(
            f"the folder holds {', '.join(there)}, and no demo made them",
            where=str(out),
            remedy="Choose an empty directory",
        )
    for folder in there:
        shutil.rmtree(out / folder)
