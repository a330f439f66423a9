"""The sample of each provider in ``docs/sources/samples`` is collected as its section of the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ruamel.yaml import YAML

from finops.collect.files import FocusFiles
from finops.collect.files.source import FocusFilesOptions
from finops.focus.delivery import deliver
from tests.unit.collect.azure.documented_row import DOCS, documented_row
from tests.unit.collect.test_documented_rows import shown

SAMPLES = {
    "Databricks": "databricks.jsonl",
    "Snowflake": "snowflake.csv",
    "MongoDB Atlas": "mongodb-atlas.csv",
    "Vercel": "vercel.jsonl",
    "LiteLLM": "litellm.parquet",
}


def options(heading: str, folder: Path) -> FocusFilesOptions:
    """The documented ones; a bucket is a folder."""
    section = (DOCS / "other-providers.md").read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    found = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert found
    (source,) = YAML(typ="safe").load(found[1])["sources"].values()
    assert source.pop("kind") == "focus-files"
    del source["every"]
    source["path"] = source["path"].replace("s3://", f"{folder}/")
    return FocusFilesOptions(**source)


def written(sample: Path) -> dict[str, Any]:
    if sample.suffix == ".jsonl":
        row = json.loads(sample.read_text(encoding="utf-8"))
        return {name: json.dumps(value) if isinstance(value, dict) else str(value) for name, value in row.items()}
    rows = pl.read_parquet(sample) if sample.suffix == ".parquet" else pl.read_csv(sample, infer_schema=False)
    return {name: None if value is None else str(value) for name, value in rows.row(0, named=True).items()}


@pytest.mark.parametrize("heading", SAMPLES)
def test_the_row_of_the_page_is_the_row_of_the_sample(heading: str, tmp_path: Path) -> None:
    sample = DOCS / "samples" / SAMPLES[heading]
    documented = options(heading, tmp_path)
    (pattern,) = [documented.path] if isinstance(documented.path, str) else documented.path
    place = tmp_path / re.sub(r"\*\.\w+$", "", pattern) / sample.name
    place.parent.mkdir(parents=True)
    place.write_bytes(sample.read_bytes())
    source = FocusFiles.from_options("bills", documented, base=tmp_path)
    delivery = deliver("bills", source.discover({}).offers)
    lake = delivery.rows.collect(engine="streaming").row(0, named=True)
    repaired = delivery.verify().repaired
    in_sample = written(sample)
    for column, before, after in documented_row("other-providers.md", heading):
        assert (in_sample.get(column) or None) == before, column
        assert shown(lake[column]) == after, column
    assert ("file: no billing periods, calendar months instead" in repaired) == (heading == "Vercel")


@pytest.mark.parametrize(
    "starts",
    [
        pl.Series(["2026-01-31", "2026-02-01T00:00:00Z", "2026-12-31 23:59:59"]),
        pl.Series(["2026-01-31", "2026-02-01", "2026-12-31"]).str.to_date(),
        pl.Series(["2026-01-31", "2026-02-01", "2026-12-31"]).str.to_datetime("%Y-%m-%d", time_zone="UTC"),
    ],
)
def test_a_bill_without_billing_periods_has_calendar_months(tmp_path: Path, starts: pl.Series) -> None:
    bill = pl.DataFrame(
        {
            "BilledCost": ["1", "2", "3"],
            "EffectiveCost": ["1", "2", "3"],
            "BillingCurrency": "EUR",
            "ChargeCategory": "Usage",
            "ChargePeriodStart": starts,
            "ChargePeriodEnd": "2027-01-01T00:00:00Z",
        }
    )
    bill.write_parquet(tmp_path / "bill.parquet")
    offers = FocusFiles("bills", ["bill.parquet"], base=tmp_path).discover({}).offers
    assert [f"{offer.billing_period:%Y-%m-%d}" for offer in offers] == ["2026-01-01", "2026-02-01", "2026-12-01"]
    ends = deliver("bills", offers).rows.collect(engine="streaming")["BillingPeriodEnd"]
    assert ends.dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_list() == [
        "2026-02-01T00:00:00Z",
        "2026-03-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
    ]
