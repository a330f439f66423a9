"""The same arguments give the same bytes: in two processes, in two time zones, before and after restatements."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

from finops.config.plugins import policy_kinds
from tests.integration.verdicts.conftest import Finops, in_a_process


def test_two_processes_in_two_time_zones_say_the_same_bytes(collected: Path) -> None:
    until = json.loads((collected / "demo.json").read_text(encoding="utf-8"))["until"]
    arguments = ("evaluate", "--as-of", f"{until}T06:00:00Z", "--format", "json")
    east = {"TZ": "Pacific/Auckland", "POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "1"}
    west = {"TZ": "America/Los_Angeles", "POLARS_MAX_THREADS": "4", "PYTHONHASHSEED": "2"}
    one = in_a_process(collected, *arguments, env=east)
    assert one == in_a_process(collected, *arguments, env=west)
    assert {finding["kind"] for finding in json.loads(one)} == set(policy_kinds().kinds), "a starter policy of each"


def test_a_finding_is_explained_by_the_same_bytes_after_three_restatements(folder: Path, finops: Finops) -> None:
    findings = json.loads(finops("evaluate", "--format", "json"))
    of_kind = {(finding["kind"], finding["state"]): finding for finding in findings}
    ids = sorted(finding["id"] for finding in of_kind.values())
    before = [finops("explain", id_) for id_ in ids]
    for factor in ("1.5", "0.5", "3"):
        restate(folder / "bills" / "datacentre", Decimal(factor))
        finops("collect", "datacentre")
    assert [finops("explain", id_) for id_ in ids] == before
    assert all("reproduced: the same" in text for text in before)
    again = json.loads(finops("evaluate", "--format", "json"))
    assert {one["data_version"]["costs"] for one in again} != {one["data_version"]["costs"] for one in findings}


def restate(bills: Path, factor: Decimal) -> None:
    """The newest bill again, with other amounts."""
    newest = max(bills.glob("*.csv"))
    with newest.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for cost in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"):
            row[cost] = f"{Decimal(row[cost]) * factor:f}"
    with newest.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
