"""One evaluation: policies of now, data of a version, standings of a moment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from finops.app.collection.rollup_repair import heal
from finops.app.container import Container
from finops.app.evaluation.inputs import archive
from finops.evaluate.cache import EvaluationCache
from finops.evaluate.engine import evaluate
from finops.lake.tables.failures import lake_failures
from finops.model.archive import Inputs
from finops.model.evaluation import Evaluation, Settings
from finops.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation and everything that it was made from. ``seconds``: how long it took."""

    evaluation: Evaluation
    inputs: Inputs
    settings: Settings
    policies: tuple[Policy, ...]
    seconds: float


def evaluate_once(
    parts: Container, *, as_of: datetime, names: Sequence[str] = (), cache: EvaluationCache | None = None
) -> Evaluated:
    """Evaluates the newest data as of ``as_of``. ``cache``: of earlier evaluations of this lake.

    Raises ``Malformed``, ``BadArguments``, or what the stores raise.
    """
    started = time.perf_counter()
    policies = parts.policies(names)
    rates_text = parts.rates_text()
    settings = parts.settings(rates_text)
    standings = parts.standings()
    heal(parts.lake)
    version = parts.lake.version()
    view = parts.lake.at(version)
    with lake_failures(parts.config.lake_uri):
        evaluation = evaluate(policies, view, as_of=as_of, standings=standings, settings=settings, cache=cache)
    inputs = archive(policies, settings, standings, parts.config.dimensions, rates_text)
    return Evaluated(evaluation, inputs, settings, tuple(policies), time.perf_counter() - started)
