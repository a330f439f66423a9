"""One evaluation: policies of now, data of a version, freshness of a moment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from finops.app.collection.collectors import Freshness
from finops.app.collection.rollup_repair import heal
from finops.app.evaluation.inputs import archive
from finops.app.policies.owners import unset_values
from finops.app.policies.policy_files import PolicyFiles, named_policies
from finops.app.settings import SettingsReader
from finops.documents import Fault
from finops.errors import BrokenStore, Malformed
from finops.evaluate.cache import EvaluationCache
from finops.evaluate.engine import evaluate
from finops.evaluate.judgement.moment import Moment
from finops.lake.tables.failures import lake_failures
from finops.model.archive import Inputs
from finops.model.evaluation import Evaluation, Settings
from finops.model.month_costs import MonthCosts
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness
from finops.policy.files import policy_version
from finops.policy.load import Loaded
from finops.ports.incidents import IncidentHistory
from finops.ports.lake import Lake
from finops.ports.lake_faults import NO_FAULTS, LakeFaults


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation and everything that it was made from. ``seconds``: how long it took."""

    evaluation: Evaluation
    inputs: Inputs
    settings: Settings
    policies: tuple[Policy, ...]
    seconds: float
    faults: tuple[Fault, ...] = ()
    """Of policy files: what stands in them was not judged, but their last version without a fault, where one is kept.
    """
    unreplaced: tuple[str, ...] = ()
    """The faulty files without such a version: none of their policies was judged."""
    not_counted: LakeFaults = NO_FAULTS
    """What the lake holds and was not counted: verdicts over it are unknown."""
    freshness: Sequence[SourceFreshness] = ()

    @property
    def lake_faults(self) -> tuple[str, ...]:
        """``not_counted`` in sentences."""
        return self.not_counted.sentences


@dataclass(frozen=True, slots=True)
class Evaluator:
    """What an evaluation is made from: files and data as they are when it begins."""

    policies: PolicyFiles
    settings: SettingsReader
    freshness: Freshness
    lake: Lake
    incidents: IncidentHistory

    def load(self, names: Sequence[str] = ()) -> Loaded:
        """All policies, or those named; a faulty file costs only its own.

        Raises ``BadArguments`` for a name that no file has, ``Malformed`` where a faulty file may have it.
        """
        loaded = self.policies.load_each()
        if loaded.unreplaced and not {policy.name for policy in loaded.policies}.issuperset(names):
            raise Malformed(loaded.faults)
        return replace(loaded, policies=tuple(named_policies(loaded.policies, names)))

    def inputs_version(self) -> object:
        """Equal as long as another evaluation would see the same policies, rates, data and accepted levels. Cheap: no
        row of a bill is read."""
        accepted = {key: known.accepted for key, known in self.incidents.known().items() if known.accepted}
        return policy_version(self.policies.paths), self.settings.rates_text(), self.lake.version(), accepted

    def evaluate(
        self, as_of: datetime, names: Sequence[str] = (), *, cache: EvaluationCache | None = None
    ) -> Evaluated:
        """Evaluates the newest data as of ``as_of``. ``cache``: of earlier evaluations of this lake.

        Raises ``Malformed``, ``BadArguments``, or what the stores raise.
        """
        started = time.perf_counter()
        loaded = self.load(names)
        policies = loaded.policies
        rates_text = self.settings.rates_text()
        settings = replace(self.settings.with_rates(rates_text), incidents=self.incidents.known())
        freshness = self.freshness.read()
        heal(self.lake)
        version = self.lake.version()

        def over(faults: LakeFaults) -> Evaluation:
            view = self.lake.at(version, without=faults)
            with lake_failures(self.lake.uri):
                return evaluate(policies, view, as_of=as_of, freshness=freshness, settings=settings, cache=cache)

        faults = self.lake.faults(version)
        try:
            evaluation = over(faults)
        except BrokenStore:  # a file that has its size and cannot be read: which, only reading tells
            broken = self.lake.faults(version, contents=True)
            if broken == faults:
                raise
            faults, evaluation = broken, over(broken)
        config = self.settings.config
        inputs = archive(policies, settings, freshness, config.dimensions, rates_text, config.allocations)
        seconds = time.perf_counter() - started
        return Evaluated(
            evaluation, inputs, settings, policies, seconds, loaded.faults, loaded.unreplaced, faults, freshness
        )

    def month(self, made: Evaluated, cache: EvaluationCache) -> MonthCosts:
        """What the month comes to, over the data of ``made``. Raises what the stores raise."""
        evaluation = made.evaluation
        view = self.lake.at(evaluation.data_version, without=made.not_counted)
        first = next(iter(made.settings.dimensions), "")
        with lake_failures(self.lake.uri):
            return cache.month.costs(
                view,
                Moment(evaluation.as_of, made.settings),
                made.freshness,
                unowned=unset_values(made.policies, first),
            )

    def judge(self, policies: Sequence[Policy], as_of: datetime) -> Evaluation:
        """Evaluates these policies, whether they are live or not, as ``evaluate``; nothing is kept."""
        settings = replace(self.settings.read(), incidents=self.incidents.known())
        freshness, version = self.freshness.read(), self.lake.version()
        view = self.lake.at(version, without=self.lake.faults(version))
        with lake_failures(self.lake.uri):
            return evaluate(policies, view, as_of=as_of, freshness=freshness, settings=settings)
