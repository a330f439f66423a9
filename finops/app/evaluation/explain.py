"""One finding again: its own data version, policy text, rates, dimensions and freshness."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from finops.allocate import Rules
from finops.app.allocation_rules import allocation_rules
from finops.app.evaluation.inputs import recall
from finops.config.plugins import policy_kinds
from finops.errors import UnknownFinding
from finops.evaluate.explain import Explanation, explain
from finops.focus.schema import condition_columns
from finops.lake.tables.failures import lake_failures
from finops.model.dimension import Dimension
from finops.policy.load import read_policies
from finops.ports.lake import Lake
from finops.ports.state import FindingArchive

OpenLake = Callable[[Sequence[Dimension], ZoneInfo, Rules], Lake]
"""The lake with the dimensions, days and allocations of an earlier evaluation."""


def explain_finding(id_or_prefix: str, archive: FindingArchive, open_lake: OpenLake) -> Explanation:
    """Raises ``UnknownFinding``, or what the stores raise."""
    archived = archive.find(id_or_prefix)
    finding = archived.finding
    recalled = recall(archived.inputs)
    file, line = recalled.policy_places.get(finding.policy, (f"policy {finding.policy} at that time", 1))
    policies = read_policies(
        recalled.policy_texts[finding.policy],
        shown_as=file,
        kinds=policy_kinds().load_all(),
        columns=condition_columns().with_dimensions(recalled.settings.dimensions),
        demand=recalled.settings.demand_units,
        values=recalled.settings.value_currencies,
    )
    policy = next((policy for policy in policies if policy.name == finding.policy), None)
    if policy is None:  # a document's text is kept whole: this is a state that somebody changed
        raise UnknownFinding(
            f"the stored policy file has no policy '{finding.policy}'",
            where=f"finding {finding.id}",
            remedy="Evaluate again",
        )
    rules = allocation_rules(recalled.allocations, recalled.settings)
    lake = open_lake(recalled.dimensions, recalled.settings.timezone, rules)
    with lake_failures(lake.uri):
        return explain(
            finding,
            replace(policy, line=line),  # its text was kept alone, without what stands above it
            lake.at(finding.data_version),
            freshness=recalled.freshness,
            settings=recalled.settings,
        )
