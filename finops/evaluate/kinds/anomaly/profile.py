"""What an Anomaly policy declares about itself."""

from __future__ import annotations

from finops.model.kind_profile import (
    AlertRule,
    Chart,
    ChartType,
    Figure,
    KindProfile,
    Measure,
    Metric,
    Panel,
    PanelType,
    Series,
    Style,
)
from finops.model.unit import Unit

PROFILE = KindProfile(
    kind="Anomaly",
    only_its_rows=True,
    title="Unusual days",
    question="Is the cost of a day unusual?",
    documentation="anomaly.md",
    rank=40,
    advice="Check what ran on that day: a job, a test or a leak. Accept a level that is meant to stay.",
    headlines=("{name} cost {amount.cost} in a day, {amount.excess} above the expected range",),
    calm_headline="{name} is back in its expected range",
    measures={
        "score": Measure("Score", (Unit.NUMBER,)),
        "excess": Measure("Excess", (Unit.AMOUNT,)),
        "drift": Measure(
            "Drift", (Unit.SHARE,), Style.CHANGE, headline="{name} has drifted by {measure.drift} in four weeks"
        ),
        "absent": Measure("Absent", (Unit.DURATION,), headline="{name} has cost nothing for {measure.absent}"),
    },
    figures=(
        Figure("Cost of the day", amount="cost"),
        Figure("Expected", amount="expected", note="{interval}"),
        Figure("Excess", amount="excess"),
        Figure("Score", measure="score", note="standard deviations above the expected cost", digits=1),
    ),
    charts=(
        Chart(
            "expected",
            ChartType.RANGE,
            "Each day against the range expected from its past",
            "Daily cost in {period}, over the range expected of each day.[ The day in question cost {amount.cost}.]",
            "The band shows the expected range of each day; marked days are above it.",
            lines=(("expected_low", "Expected from"), ("expected_high", "to")),
            mail_title="Each day against the range expected from its past",
        ),
    ),
    metrics=(
        Metric(
            "finops_anomaly_score",
            "How many standard deviations the cost of the group's most unusual recent settled day is above the cost"
            " expected from its past.",
            measure="score",
        ),
    ),
    rules=(
        AlertRule(
            "FinopsAnomaly",
            "A day costs more than expected: {policy}",
            "It resolves by itself when the cost has returned, or the new level is accepted.",
            runbook="FinopsAnomaly",
        ),
    ),
    panels=(
        Panel(
            PanelType.BARS,
            "Anomalies: the ten highest scores",
            "Standard deviations above the cost expected from the past.",
            (Series("finops_anomaly_score"),),
            width=10,
            top=10,
        ),
    ),
)
