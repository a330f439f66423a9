"""Why a verdict is what it is, as a sentence."""

from __future__ import annotations

from finops.model.finding import Finding, State
from finops.model.kind_profile import KindProfile, fill
from finops_exporters import words
from finops_exporters.figures import styled


def reason_of(finding: Finding, profile: KindProfile) -> str:
    """In the words that the kind has for it, else the verdict's own."""
    value, limit, measure = finding.value, finding.limit, profile.measures.get(finding.measure)
    # a measure can be compared as an amount, too: then the value is not the share that the words are about
    is_share = value is not None and value == finding.measures.get(finding.measure)
    if finding.state is State.FIRING and is_share and limit is not None and measure is not None and measure.firing:
        shown = {
            "value": styled(finding, profile, finding.measure, value),
            "threshold": styled(finding, profile, finding.measure, limit),
        }
        return fill(measure.firing, shown.get)
    if finding.state is State.OK and profile.calm:
        return profile.calm
    return words.sentence(finding.reason, finding)
