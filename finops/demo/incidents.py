"""What goes wrong in the demo, planted on purpose: when, where, and by how much quantities move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from finops.demo.timeline import Timeline

CHECKOUT_DATABASE = "checkout-database"
ML_LARGE_MODEL = "ml-large-model"
ML_SMALL_MODEL = "ml-small-model"
RUNAWAY_JOB = "runaway-job"
UNTAGGED_GROWTH = "untagged-growth"
IDLE_COMMITMENT = "idle-commitment"

_CHECKOUT_DATABASE_AGO_DAYS = 45
_ML_AGO_DAYS = 60
_RUNAWAY_JOB_AGO_DAYS = 20
_UNTAGGED_AGO_DAYS = 90
_IDLE_COMMITMENT_AGO_DAYS = 35

CHECKOUT_DATABASE_BEFORE_RATIO = 0.29
"""Of today's database spend of checkout: before, its instances were less than a third of the size."""
ML_LARGE_BEFORE_RATIO = 0.29
ML_SMALL_BEFORE_RATIO = 1.35
RUNAWAY_JOB_FACTOR = 9.0
UNTAGGED_BEFORE_RATIO = 0.5
IDLE_COMMITMENT_RATIO = 0.45


@dataclass(frozen=True, slots=True)
class Incident:
    """The truth about one incident. ``expected`` says which verdicts should show it, and which should not."""

    name: str
    what: str
    source: str
    team: str
    service: str
    start: date
    end: date | None
    size: str
    expected: str


def factors(timeline: Timeline) -> Mapping[str, Sequence[float]]:
    """By incident: what a line's quantity is multiplied by on each day. 1 is today's level, but for the idle plan."""
    return {
        CHECKOUT_DATABASE: _step(timeline, _CHECKOUT_DATABASE_AGO_DAYS, before=CHECKOUT_DATABASE_BEFORE_RATIO, after=1),
        ML_LARGE_MODEL: _ramp(timeline, _ML_AGO_DAYS, before=ML_LARGE_BEFORE_RATIO),
        ML_SMALL_MODEL: _ramp(timeline, _ML_AGO_DAYS, before=ML_SMALL_BEFORE_RATIO),
        UNTAGGED_GROWTH: _ramp(timeline, _UNTAGGED_AGO_DAYS, before=UNTAGGED_BEFORE_RATIO),
        IDLE_COMMITMENT: _step(timeline, _IDLE_COMMITMENT_AGO_DAYS, before=1, after=IDLE_COMMITMENT_RATIO),
        RUNAWAY_JOB: [
            RUNAWAY_JOB_FACTOR if day == timeline.ago(_RUNAWAY_JOB_AGO_DAYS) else 1.0 for day in timeline.days
        ],
    }


def _step(timeline: Timeline, ago_days: int, *, before: float, after: float) -> list[float]:
    start = timeline.ago(ago_days)
    return [after if day >= start else before for day in timeline.days]


def _ramp(timeline: Timeline, ago_days: int, *, before: float) -> list[float]:
    """Compound growth from ``before`` to 1 over the last ``ago_days`` days."""
    spans = [min((timeline.until - day).days, ago_days) / ago_days for day in timeline.days]
    return [before**span for span in spans]


def planted(timeline: Timeline) -> Sequence[Incident]:
    """Every incident with its dates for this timeline."""
    return (
        Incident(
            name=CHECKOUT_DATABASE,
            what="Checkout's databases were moved to instances more than three times the size",
            source="aws",
            team="checkout",
            service="Amazon Relational Database Service",
            start=timeline.ago(_CHECKOUT_DATABASE_AGO_DAYS),
            end=None,
            size=f"{1 / CHECKOUT_DATABASE_BEFORE_RATIO:.1f} times the previous database spend",
            expected="Budget of checkout: pace firing once the month has a settled day; driver is the database service",
        ),
        Incident(
            name="ml-model-switch",
            what="The assistant moves its traffic from the small model to the large one, a little more every day",
            source="ai",
            team="ml",
            service="Quillwort Model API",
            start=timeline.ago(_ML_AGO_DAYS),
            end=None,
            size=f"large model {1 / ML_LARGE_BEFORE_RATIO:.1f} times its tokens, tokens in all up by about a quarter",
            expected="Budget of ml: pace firing; cost grows several times faster than tokens and requests",
        ),
        Incident(
            name=RUNAWAY_JOB,
            what="A job of the data team retried all night",
            source="aws",
            team="data",
            service="Amazon Elastic MapReduce",
            start=timeline.ago(_RUNAWAY_JOB_AGO_DAYS),
            end=timeline.ago(_RUNAWAY_JOB_AGO_DAYS - 1),
            size=f"{RUNAWAY_JOB_FACTOR:.0f} times the service's spend on one day",
            expected="Anomaly on that day; Budget of data stays ok",
        ),
        Incident(
            name=UNTAGGED_GROWTH,
            what="Experiments without tags grow in the sandbox accounts",
            source="aws",
            team="unallocated",
            service="",
            start=timeline.ago(_UNTAGGED_AGO_DAYS),
            end=None,
            size=f"{1 / UNTAGGED_BEFORE_RATIO:.0f} times the previous untagged cloud spend",
            expected="The allocated share falls to about 94 %",
        ),
        Incident(
            name=IDLE_COMMITMENT,
            what="Platform moved services off the instances that the savings plan covers",
            source="aws",
            team="platform",
            service="Amazon Elastic Compute Cloud",
            start=timeline.ago(_IDLE_COMMITMENT_AGO_DAYS),
            end=None,
            size="the savings plan's utilisation falls from about 96 % to about 70 %",
            expected="Commitment utilisation firing; Budget of platform stays ok, for the plan is paid either way",
        ),
    )
