"""What an Allocation policy declares about itself."""

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

_METRIC = "finops_allocation_ratio"
_TITLE = "Daily spend with and without an owner"

PROFILE = KindProfile(
    kind="Allocation",
    only_its_rows=True,
    title="Allocation",
    question="How much spend has an owner?",
    documentation="allocation.md",
    rank=60,
    advice="Tag resources without an owner, or map their accounts to a team under dimensions: in finops.yaml.",
    measures={
        "allocated": Measure(
            "Allocated",
            (Unit.SHARE,),
            headline="{name}: {measure.allocated} of spend has an owner[, {amount.unallocated} has none]",
        )
    },
    figures=(
        Figure("With an owner", measure="allocated"),
        Figure("Spend", amount="spent", note="{period}"),
        Figure("Without an owner", amount="unallocated"),
    ),
    charts=(
        Chart(
            "parts",
            ChartType.PARTS,
            _TITLE,
            f"{_TITLE}, {{period}}.",
            "The dark upper part has no owner.",
            lines=(("allocated", "Allocated"), ("", "")),
            mail_title="Daily spend; the red part has no owner",
        ),
    ),
    metrics=(
        Metric(_METRIC, "Share of the settled spend whose dimension is set; 1 is all of it.", measure="allocated"),
    ),
    panels=(
        Panel(
            PanelType.BARS,
            "Spend with an owner",
            "The share whose dimension is set, of each Allocation policy.",
            (Series(_METRIC),),
            unit="percentunit",
            width=6,
            dashboard="overview",
        ),
    ),
)
