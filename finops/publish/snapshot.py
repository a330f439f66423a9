"""An evaluation -> what the service shows of it."""

from __future__ import annotations

from collections.abc import Sequence

from finops.model.evaluation import Evaluation, Settings
from finops.model.kind_profile import Profiles
from finops.model.month_costs import MonthCosts
from finops.model.policy import Policy, WrittenPolicy
from finops.model.radar import Radar
from finops.model.snapshot import Snapshot
from finops.publish.catalogue import EVALUATION_DURATION, EVALUATION_TIMESTAMP
from finops.publish.cost_families import cost_families, forecast_families
from finops.publish.policy_families import policy_families
from finops.publish.radar_families import radar_families


def build_snapshot(
    evaluation: Evaluation,
    settings: Settings,
    *,
    evaluated_seconds: float,
    max_series: int,
    profiles: Profiles,
    policies: Sequence[Policy] = (),
    month: MonthCosts | None = None,
    radar: Radar | None = None,
) -> Snapshot:
    """Every family and finding of one evaluation, and the ``policies`` as they were written then.

    ``max_series`` bounds each family of costs. ``month``: what the month comes to, if that is known. ``profiles``: of
    the installed kinds, which declare their metrics. ``radar``: the newest there is.
    """
    costs, folded = cost_families(evaluation.costs, settings.dimensions, max_series)
    return Snapshot(
        as_of=evaluation.as_of,
        evaluated_seconds=evaluated_seconds,
        data_version=evaluation.data_version,
        timezone=settings.timezone.key,
        findings=evaluation.findings,
        tracks=evaluation.tracks,
        families=(
            *costs,
            *(forecast_families(month, settings.dimensions) if month is not None else ()),
            *policy_families(evaluation.findings, profiles),
            *(radar_families(radar) if radar is not None else ()),
            EVALUATION_TIMESTAMP.filled([((), evaluation.as_of.timestamp())]),
            EVALUATION_DURATION.filled([((), evaluated_seconds)]),
        ),
        folded=folded,
        sources=evaluation.sources,
        policies=tuple(WrittenPolicy.of(policy) for policy in policies),
        month=month,
        radar=radar,
    )
