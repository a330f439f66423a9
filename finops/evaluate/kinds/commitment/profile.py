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
_EXPIRES, _SHORTFALL = "finops_commitment_expires_timestamp_seconds", "finops_commitment_shortfall_amount"
_TITLE = "Used and unused commitments by day"

PROFILE = KindProfile(
    kind="Commitment",
    title="Commitments",
    question="Are commitments used, do they cover enough, when do they end?",
    documentation="commitment.md",
    rank=50,
    advice="Move suitable workloads onto the commitments; renew, resize or end those that expire.",
    measures={
        "utilisation": Measure(
            "Utilisation",
            (Unit.SHARE,),
            headline="{name}: {measure.utilisation} of commitments is used[, {amount.unused} is paid for but unused]",
        ),
        "coverage": Measure(
            "Coverage", (Unit.SHARE,), headline="{name}: commitments cover {measure.coverage} of usage"
        ),
        "expires_in": Measure(
            "Next commitment ends in",
            (Unit.DURATION,),
            headline="{name}: the next commitment ends in {measure.expires_in}",
        ),
        "shortfall": Measure(
            "Shortfall of the agreed spend",
            (Unit.SHARE, Unit.AMOUNT),
            headline="{name} will fall {amount.shortfall} short of its agreed spend",
        ),
    },
    figures=(
        Figure("Used", measure="utilisation", note="{period}", optional=True),
        Figure("Covered", measure="coverage", note="{period}", optional=True),
        Figure("Next commitment ends in", measure="expires_in", optional=True),
        Figure("Missing of the agreed spend at its end", amount="shortfall", optional=True),
        Figure("Agreed spend", amount="agreed", note="[{amount.agreed_spent} spent so far]", optional=True),
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
        Chart(
            "agreed",
            ChartType.LEVEL,
            "Spend a day, and what the agreed spend needs",
            "Agreed spend[: {amount.agreed_spent} of {amount.agreed}][, {amount.agreed_a_day} a day needed].",
            "Each point is a day, the line its mean over seven days; the level is needed every day to the end.",
            lines=(("agreed_by_day", "Towards the agreed spend"),),
            value="agreed_a_day",
            mail_title="Spend a day, and what the agreed spend needs",
        ),
    ),
    metrics=(
        Metric(_UTILISATION, "Used share of the commitments paid for on settled days.", measure="utilisation"),
        Metric(
            _COVERAGE,
            "Share of the usage eligible for commitments that they covered, on settled days.",
            measure="coverage",
        ),
        Metric(
            _EXPIRES,
            "End of the next commitment to expire, in seconds since 1970.",
            measure="expires_in",
            from_now=True,
        ),
        Metric(
            _SHORTFALL,
            "Expected shortfall of agreed spend at its end, in units of the label currency.",
            amount="shortfall",
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
        Panel(
            PanelType.ROWS,
            "Commitments that end, agreed spend that will be missing",
            "When the next commitment ends, and what of the agreed spend will be missing at its end at today's rate.",
            (Series(_EXPIRES, "ends", unit="dateTimeAsIso"), Series(_SHORTFALL, "missing")),
            width=24,
            dashboard="budgets",
        ),
    ),
)
