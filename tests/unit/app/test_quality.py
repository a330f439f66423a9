"""What is known of the quality of a source follows its deliveries."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
from rich.console import Console

from finops.app.collection.quality import QualityReader
from finops.cli.render.quality import quality_report
from finops.cli.terminal import show_parts
from finops.focus.delivery import deliver
from finops.model.operations import Operations, SourceFacts
from finops.model.quality import SourceQuality
from finops.ports.source import Offer
from finops.publish.operational_families import operational_families
from tests.support.bills import START, FromTag, lake, run
from tests.support.focus_frames import bill, part

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
IN_APRIL = {"BillingPeriodStart": "2026-04-01T00:00:00Z", "BillingPeriodEnd": "2026-05-01T00:00:00Z"}
NO_PROVIDER = "ServiceProviderName: is null"


def delivered(own: object, name: str, **periods: tuple[date, pl.DataFrame]) -> None:
    offers = [Offer(period, name, (part(frame, f"{of}.csv"),)) for of, (period, frame) in periods.items()]
    own.replace(deliver("aws", offers), run(name))  # type: ignore[attr-defined]  # the lake


def read(own: object) -> SourceQuality:
    (found,) = QualityReader(own, ["team"]).read(["aws", "azure"])  # type: ignore[arg-type]  # the lake
    return found


def test_what_was_delivered_is_counted_and_compared_with_what_was_there_before(tmp_path: Path) -> None:
    own = lake(tmp_path, dimensions=FromTag())
    broken = bill({"ProviderName": None, "Tags": '{"team": "a"}'}, {"ChargeCategory": "usage"})
    delivered(own, "first", march=(MARCH, broken), april=(APRIL, bill(IN_APRIL)))
    first = read(own)
    assert first.is_first_delivery
    assert (first.first, first.last, first.quality.total.rows) == (MARCH, APRIL, 3)
    assert first.quality.violations[NO_PROVIDER].rows == 1
    assert first.repaired["ChargeCategory: casing"] == 1
    assert first.unallocated["team"].rows == 2
    assert first.unallocated["team"].amounts == {"EUR": Decimal(3)}

    delivered(own, "second", march=(MARCH, bill({}, {})))
    second = read(own)
    assert (second.changed, second.fixed) == ({NO_PROVIDER: -1}, [NO_PROVIDER])
    assert (second.delivered, second.repaired) == ((MARCH,), {})
    assert second.quality.total.rows == 3

    console = Console(width=100)
    with console.capture() as said:
        show_parts(console, quality_report(second, START + timedelta(hours=3)))
    shown = " ".join(said.get().split())
    assert "aws: 3 rows of 2026-03 to 2026-04, collected" in shown
    assert f"No longer violated since the previous collection: {NO_PROVIDER}" in shown
    document = second.to_json()
    assert document["no_longer_violated"] == [NO_PROVIDER]
    assert document["amounts"] == {"EUR": "4.500000000000000"}

    facts = SourceFacts("aws", "focus-files", quality=second)
    families = {family.name: family for family in operational_families(Operations(sources=(facts,)), None)}
    shown_metrics = {
        name: list(families[f"finops_source_{name}"].values) for name in ("rule_violations", "null_values")
    }
    assert shown_metrics == {"rule_violations": [second.violations], "null_values": [second.null_values]}
    unallocated = families["finops_source_unallocated_ratio"]
    assert [list(column) for column in unallocated.columns] == [["aws"], ["focus-files"], ["team"], ["EUR"]]
    assert list(unallocated.values) == [1.0]
