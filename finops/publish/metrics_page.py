"""The catalogue of families as a page of documentation."""

from __future__ import annotations

from collections.abc import Iterable

from finops.model.family import Family
from finops.model.kind_profile import Profiles
from finops.publish.catalogue import BY_DIMENSION, OPERATIONAL, evaluated

_HEAD = """\
# Metrics

`/metrics` serves these families in the Prometheus text format and in OpenMetrics 1.0, plain and gzipped. A scrape never
calls a cloud and never computes: the page is rendered once an evaluation. This file is generated from the table that
the exporter itself uses (`finops/publish/catalogue.py`); a test fails when the two differ.

- No label holds a date, and a total never stands beside its parts in one family: `sum()` is always safe over one
  `currency` and one `cost`.
- `group` is `environment=prod,team=checkout`: keys sorted, empty without `group_by`.
- Cost families also carry one label for each dimension of `finops.yaml`, and hold at most `exporter.max_series` series:
  the smallest are summed in series whose labels are `__other__`, one for each `cost` and `currency`.
- `cost` is `effective` (amortised), `billed` (as invoiced), or `allocated`: EffectiveCost after
  [allocations](allocations.md), where rules move something. Its sum over everything is that of `effective`; what rules
  cannot divide stays where it was. It has no series while some of the costs that rules move are lost.
- What is not known has no series. It is never zero: look at `finops_policy_state{state="unknown"}`.
"""


def metrics_page(profiles: Profiles) -> str:
    """Markdown; what ``docs/metrics.md`` must say. ``profiles``: of the kinds whose metrics it lists."""
    return "\n".join(
        (
            _HEAD,
            "## From each evaluation\n",
            *_table(evaluated(profiles)),
            "\n## From the service itself\n",
            *_table(OPERATIONAL),
            "",
        )
    )


def _table(families: Iterable[Family]) -> Iterable[str]:
    yield "| family | type | labels | meaning |"
    yield "|---|---|---|---|"
    for family in families:
        labels = ", ".join(f"`{label}`" for label in family.labels) or "–"
        if family in BY_DIMENSION:
            labels += ", each dimension"
        yield f"| `{family.name}` | {family.type} | {labels} | {family.help} |"
