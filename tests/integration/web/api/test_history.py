"""What was said on the days before, and bills that changed after they had come."""

from __future__ import annotations

import httpx
import polars as pl

from finops.app.collection.source import collect
from tests.integration.web.api.world import World


def test_a_finding_has_its_verdicts_day_by_day(own: World, client: httpx.Client) -> None:
    [finding] = client.get("/api/v1/findings?policy=everything").json()
    *_, last = client.get(f"/api/v1/findings/{finding['id']}/days").json()
    assert (last["day"], last["state"], last["then"]) == ("2026-03-20", "firing", True)
    assert last["reason"] == finding["reason"]
    assert client.get("/api/v1/findings/zzz/days").status_code == 404
    assert client.get(f"/api/v1/findings/{finding['id']}/days?days=0").status_code == 422


def test_a_bill_that_comes_again_with_other_sums_is_listed(own: World, client: httpx.Client) -> None:
    before = client.get("/api/v1/restatements").json()
    file = own.folder / "bills" / "march.parquet"
    bill = pl.read_parquet(file)
    bill.with_columns(EffectiveCost=pl.lit("1.5")).write_parquet(file)
    assert collect(own.container.sources["sample"], own.container.lake, own.clock).run.error == ""

    newest, *rest = client.get("/api/v1/restatements?source=sample").json()

    assert rest == before == []
    assert (newest["source"], newest["billing_period"], newest["rows"]) == ("sample", "2026-03-01", bill.height)
    assert newest["restated"]["USD"]["EffectiveCost"] == "9.50"
    assert client.get("/api/v1/restatements?source=other").json() == []
