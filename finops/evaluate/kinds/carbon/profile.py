"""What a Carbon policy declares about itself."""

from __future__ import annotations

from finops.model.kind_profile import Chart, ChartType, KindProfile, Measure, Metric, Panel, PanelType, Series
from finops.model.unit import Unit

_METRIC = "finops_emissions_grams"

PROFILE = KindProfile(
    kind="Carbon",
    title="Emissions",
    question="How much CO2e is emitted, in total and per unit of demand?",
    documentation="carbon.md",
    rank=70,
    statement="emissions",
    advice="Look for idle machines, and for regions with cleaner power.",
    measures={
        "emissions": Measure(
            "Emissions", (Unit.MASS,), headline="{name} emitted {measure.emissions} of CO2e[ in {period.short}]"
        ),
        "emissions_per_unit": Measure(
            "Emissions per unit",
            (Unit.MASS,),
            headline="{name} emitted {measure.emissions_per_unit} of CO2e for one of {demand}",
        ),
    },
    charts=(
        Chart(
            "emissions",
            ChartType.DAILY,
            "Emissions day by day, in grams",
            "Emissions in {period}; monthly figures of a provider are spread evenly over the days.",
            lines=(("emissions", "Grams"),),
            mail_title="Emissions day by day, in grams",
            in_money=False,
        ),
    ),
    metrics=(
        Metric(_METRIC, "CO2 equivalent of the latest whole period that is known, in grams.", measure="emissions"),
    ),
    panels=(
        Panel(
            PanelType.LINES,
            "Emissions",
            "CO2 equivalent of the latest whole period that is known.",
            (Series(_METRIC),),
            unit="massg",
            width=7,
        ),
    ),
)
