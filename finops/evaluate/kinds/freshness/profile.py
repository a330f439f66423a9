"""What a Freshness policy declares about itself."""

from __future__ import annotations

from finops.model.kind_profile import KindProfile, Measure
from finops.model.unit import Unit

PROFILE = KindProfile(
    kind="Freshness",
    title="Freshness",
    question="Is the data late?",
    documentation="freshness.md",
    rank=80,
    watches_sources=True,
    advice="See the page of sources: it shows why a source failed.",
    measures={"age": Measure("Age", (Unit.DURATION,))},
)
