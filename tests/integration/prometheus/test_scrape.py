"""A real Prometheus reads the page, and has the same values."""

from __future__ import annotations

import math

from finops.publish.operational_families import operational_families
from tests.integration.web.served import published
from tests.servers.prometheus import Prometheus
from tests.support.snapshots import budget, cost_line, evaluation, findings, operations, snapshot

HOSTILE = 'a "quoted" \\ back\nslash, مرحبا \u202e 🧨 {x="y"} # HELP \t\r'


def test_every_series_arrives_with_its_value(prometheus: Prometheus) -> None:
    lines = (*evaluation().costs.lines(), cost_line(HOSTILE, "x" * 10_000, "17.25"))
    made = snapshot(evaluation((*findings(), budget(HOSTILE, owner=HOSTILE, group={"team": HOSTILE})), costs=lines))
    families = [f for f in (*made.families, *operational_families(operations(), made)) if len(f)]
    with published(made, operations()) as url:
        target = url.removeprefix("http://")
        prometheus.scrape(target)
        for family in families:
            found = {
                tuple(series["metric"].get(label, "") for label in family.labels): float(series["value"][1])
                for series in prometheus.query(f'last_over_time({family.name}{{instance="{target}"}}[1m])')
            }
            expected = {sample.values: sample.value for sample in family.samples}
            assert found.keys() == expected.keys(), family.name
            assert all(math.isclose(found[key], expected[key]) for key in expected), family.name


def test_sums_over_the_scraped_series_are_the_totals(prometheus: Prometheus) -> None:
    lines = tuple(cost_line(str(number), "EC2", str(number)) for number in range(1, 101))
    with published(snapshot(evaluation(costs=lines), max_series=10), operations()) as url:
        target = url.removeprefix("http://")
        prometheus.scrape(target)
        series = f'finops_cost_month_to_date_amount{{instance="{target}",currency="EUR",cost="effective"}}'
        query = f"sum(last_over_time({series}[1m]))"
        assert [float(found["value"][1]) for found in prometheus.query(query)] == [5050.0]
