"""finops.yaml -> every part of the program, wired. Construction reads files; it does not touch a cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from finops.allocate import NO_RULES, Rules
from finops.app.clock import FixedClock
from finops.app.collection.collectors import Collectors, Freshness
from finops.app.collection.quality import QualityReader
from finops.app.costs import CostReader
from finops.app.evaluation.backtest_processes import Processes, processes_for
from finops.app.evaluation.evaluate import Evaluator
from finops.app.instantiate import make_receivers, make_sources
from finops.app.open_lake import open_lake, read_config
from finops.app.policies.policy_files import PolicyFiles
from finops.app.radar import RadarReader
from finops.app.reporting.make import Statements
from finops.app.savings import Savings
from finops.app.settings import SettingsReader
from finops.app.teams import TeamBills, TeamDigests
from finops.cluster import spark_engine
from finops.config import Config
from finops.config.plugins import policy_profiles
from finops.focus.schema import condition_columns
from finops.model.columns import Columns
from finops.model.kind_profile import Profiles
from finops.ports.clock import Clock
from finops.ports.emissions import EmissionsSource
from finops.ports.engine import Engine
from finops.ports.lake import Lake
from finops.ports.receiver import Receiver
from finops.ports.source import DemandSource, Source
from finops.state import State, open_state

if TYPE_CHECKING:
    from finops.model.dimension import Dimension


@dataclass(frozen=True, slots=True)
class Container:
    """What finops.yaml describes. Only wiring sees it: everything else is given the ports that it uses."""

    config: Config
    clock: Clock
    engine: Engine | None
    lake: Lake
    state: State
    sources: Mapping[str, Source]
    demand: Mapping[str, DemandSource]
    emissions: Mapping[str, EmissionsSource]
    policies: PolicyFiles
    settings: SettingsReader

    @property
    def profiles(self) -> Profiles:
        """What the installed policy kinds declare. Raises ``BadArguments`` where two of them clash."""
        return policy_profiles()

    @property
    def columns(self) -> Columns:
        """What a policy's condition may name."""
        return self.policies.columns

    @property
    def collectors(self) -> Collectors:
        return Collectors(
            self.sources,
            self.demand,
            self.emissions,
            self.lake,
            self.state.collections,
            self.clock,
            self.config.invoices,
        )

    @property
    def quality(self) -> QualityReader:
        return QualityReader(self.lake, self.config.dimension_names)

    @property
    def freshness(self) -> Freshness:
        return Freshness(self.state.collections, {name: source.kind for name, source in self.sources.items()})

    @property
    def costs(self) -> CostReader:
        return CostReader(self.lake, self.freshness, self.columns, self.settings, self.clock)

    @property
    def evaluator(self) -> Evaluator:
        return Evaluator(self.policies, self.settings, self.freshness, self.lake, self.state.incidents)

    @property
    def radar(self) -> RadarReader:
        return RadarReader(self.lake, self.freshness, self.settings, self.columns, self.config.demand_names)

    @property
    def team_bills(self) -> TeamBills:
        return TeamBills(self.costs, self.config.teams, self.state.sign_offs, self.clock, self.evaluator)

    @property
    def team_digests(self) -> TeamDigests:
        return TeamDigests(self.team_bills, self.state.alerts, self.state.snapshots)

    @property
    def savings(self) -> Savings:
        return Savings(self.costs, self.state.savings, self.config.demand_names, self.clock)

    @property
    def statements(self) -> Statements:
        return Statements(
            self.evaluator,
            tuple(self.sources),
            self.config.invoices,
            self.clock,
            savings=self.savings,
            site=self.config.http.external_url or None,
        )

    def backtest_processes(self, days: int, policies: int) -> Processes:
        """How many processes are worth starting for so many days and policies."""
        count = processes_for(self.engine, days, policies)
        return Processes(count, partial(_lake_at, self.config.path, self.clock.now()))

    def lake_with(self, dimensions: Sequence[Dimension], timezone: ZoneInfo, allocations: Rules = NO_RULES) -> Lake:
        """The same lake as an earlier evaluation read it."""
        return open_lake(self.config, self.clock, dimensions, timezone, self.engine, allocations)

    def receivers(self) -> dict[str, Receiver]:
        return make_receivers(self.config, self.clock)

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close()
        self.state.close()


def open_container(path: Path, clock: Clock, *, check: Callable[[Config], None] = lambda _: None) -> Container:
    """Reads finops.yaml and makes every part. Raises ``Malformed`` with all faults, or what a store raises.

    ``check``: raises what else speaks against it before a store is opened.
    """
    config = read_config(path)
    check(config)
    engine = _engine(config)
    lake = open_lake(config, clock, config.dimensions, config.timezone, engine)
    columns = condition_columns().with_dimensions(config.dimension_names)
    state = open_state(config.state_url, base=config.base, clock=clock)
    try:
        made = make_sources(config, clock, lambda: lake, lambda: state.request_costs)
        return Container(
            config=config,
            clock=clock,
            engine=engine,
            lake=lake,
            state=state,
            sources=made.sources,
            demand=made.demand,
            emissions=made.emissions,
            policies=PolicyFiles(
                config.base,
                config.policy_paths,
                columns,
                [entry.name for entry in config.demand],
                state.policy_texts,
                config.value_currencies,
            ),
            settings=SettingsReader(config),
        )
    except BaseException:
        state.close()
        raise


def _lake_at(path: Path, now: datetime) -> Lake:
    config = read_config(path)
    return open_lake(config, FixedClock(now), config.dimensions, config.timezone)


def _engine(config: Config) -> Engine | None:
    """None: this process. Raises ``BadArguments`` where what the engine needs is not installed."""
    engine = config.engine
    if engine.master is None:
        return None
    options = {
        key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in engine.options.items()
    }
    return spark_engine(engine.master, options)
