"""What a Commitment policy declares about itself."""

from __future__ import annotations

from finops.model.kind_profile import (
    Chart,
    ChartType,
    Figure,
    KindProfile,
    Measure,
    Metric,
    Panel,
    PanelType,
    Series,
)
from finops.model.unit import Unit

_UTILISATION, _COVERAGE = "finops_commitment_utilisation_ratio", "finops_commitment_coverage_ratio"
_TITLE = "Used and unused commitments by day"

PROFILE = KindProfile(
    kind="Commitment",
    title="Commitments",
    question="Are commitments used, and do they cover enough?",
    documentation="commitment.md",
    rank=50,
    advice="Move suitable workloads onto the commitments, or do not renew them.",
    measures={"utilisation": Measure("Utilisation", (Unit.SHARE,)), "coverage": Measure("Coverage", (Unit.SHARE,))},
    figures=(
        Figure("Used", measure="utilisation", note="{period}", optional=True),
        Figure("Covered", measure="coverage", note="{period}", optional=True),
        Figure("Paid for but unused", amount="unused", optional=True),
        Figure("Usage without a commitment", amount="uncovered", optional=True),
    ),
    charts=(
        Chart(
            "parts",
            ChartType.PARTS,
            _TITLE,
            f"{_TITLE}, {{period}}.",
            "The dark upper part is unused.",
            lines=(("used", "Used"), ("unused", "Unused")),
            mail_title="Commitments by day; the red part is unused",
        ),
    ),
    metrics=(
        Metric(_UTILISATION, "Used share of the commitments paid for on settled days.", measure="utilisation"),
        Metric(
            _COVERAGE,
            "Share of the usage eligible for commitments that they covered, on settled days.",
            measure="coverage",
        ),
    ),
    panels=(
        Panel(
            PanelType.LINES,
            "Commitments",
            "Utilisation: used share of what was bought. Coverage: share of what could be covered.",
            (Series(_UTILISATION, "utilisation"), Series(_COVERAGE, "coverage")),
            unit="percentunit",
            width=7,
        ),
    ),
)
