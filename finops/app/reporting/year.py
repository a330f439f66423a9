"""The budgets of a fiscal year as they stand on the newest data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date

from finops.app.evaluation.evaluate import Evaluator
from finops.app.reporting.make import statement_policies
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.totals.budget_year import budget_year
from finops.lake.tables.failures import lake_failures
from finops.memo import Memo
from finops.model.budget_year import BudgetYear
from finops.model.period import period_of
from finops.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class BudgetYears:
    """Kept until data, policies, rates or the day change: a page, its files and the API ask for the same."""

    evaluator: Evaluator
    clock: Clock
    _kept: Memo[BudgetYear] = field(default_factory=Memo)

    def read(self, year: int | None = None) -> BudgetYear:
        """The fiscal year that begins in ``year``, by default the running one. Raises what the stores raise."""
        settings = self.evaluator.settings.read()
        moment = Moment(self.clock.now().astimezone(UTC), settings)
        starts = settings.fiscal_year_starts
        day = moment.today if year is None else date(year, starts, 1)
        span = period_of("year", day, fiscal_year_starts=starts)
        lake, policies = self.evaluator.lake, statement_policies(self.evaluator.policies)
        freshness, version = self.evaluator.freshness.read(), lake.version()
        reach = tuple((one.source, one.complete_through, moment.settled_through(one)) for one in freshness)
        digests = tuple(sorted(policy.digest for policy in policies))
        faults = lake.faults(version)
        of_data = version, faults.sentences, digests, settings.rates.digest, settings.dimensions

        def made() -> BudgetYear:
            with lake_failures(lake.uri):
                return budget_year(policies, lake.at(version, without=faults), moment, freshness, span)

        return self._kept.of((of_data, moment.today, reach, span), made)
