"""finops.yaml -> every part of the service, wired. Construction reads files; it does not touch a cloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from finops.app.instantiate import make
from finops.cluster import spark_engine
from finops.collect.rates.ecb_file import parse_rates, read_text
from finops.config import Config, load_config
from finops.config.plugins import policy_kinds
from finops.errors import BadArguments
from finops.focus.dimensions import Dimensions
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake, MemoryLimits
from finops.memo import Memo
from finops.model.columns import Columns
from finops.model.evaluation import Settings
from finops.model.policy import Policy
from finops.model.secret import Secret
from finops.model.standing import SourceFreshness
from finops.objectstore.location import Location
from finops.policy.files import policy_version
from finops.policy.load import load_policies
from finops.ports.clock import Clock
from finops.ports.emissions import EmissionsSource
from finops.ports.engine import Engine
from finops.ports.lake import Lake
from finops.ports.receiver import Receiver
from finops.ports.source import DemandSource, DerivedDemand, Source
from finops.state import State, open_state

if TYPE_CHECKING:
    from finops.model.dimension import Dimension


@dataclass(frozen=True, slots=True)
class Container:
    """What finops.yaml describes. Policies and rates are read anew on each use: they may change under a service."""

    config: Config
    clock: Clock
    engine: Engine | None
    lake: Lake
    state: State
    sources: Mapping[str, Source]
    demand: Mapping[str, DemandSource]
    emissions: Mapping[str, EmissionsSource]
    _policies: Memo[list[Policy]] = field(default_factory=Memo, repr=False)

    @property
    def columns(self) -> Columns:
        """What a policy's condition may name."""
        return condition_columns().with_dimensions(self.config.dimension_names)

    def is_derived(self, name: str) -> bool:
        """Whether ``name`` is a demand series that is computed from the bills in the lake."""
        return isinstance(self.demand.get(name), DerivedDemand)

    def policies(self, names: Sequence[str] = ()) -> list[Policy]:
        """Every policy, or those named. Raises ``Malformed``, or ``BadArguments`` for a name that no file has."""
        version = policy_version(self.config.policy_paths)
        every = self._policies.of(version, lambda: load_every_policy(self.config, self.columns))
        return named_policies(every, names)

    def rates_text(self) -> str | None:
        """The rates file of finops.yaml as it is now."""
        rates = self.config.rates
        return read_text(self.config.base / rates.path) if rates else None

    def settings(self, rates_text: str | None) -> Settings:
        """``rates_text`` None: every foreign currency is a missing rate."""
        rates = self.config.rates
        if rates_text is None or rates is None:
            return settings_of(self.config)
        return replace(settings_of(self.config), rates=parse_rates(rates_text, rates.path))

    def standings(self, *, at: datetime | None = None) -> Sequence[SourceFreshness]:
        """How far each configured source's data reaches now, or was known to reach at a moment."""
        return self.state.collections.standings({name: source.kind for name, source in self.sources.items()}, at=at)

    def receivers(self) -> dict[str, Receiver]:
        return {
            entry.name: entry.factory.from_options(entry.name, entry.options, base=self.config.base, clock=self.clock)
            for entry in self.config.receivers
        }

    def notice_limits(self) -> dict[str, int]:
        """The most notices that one message may hold, by receiver; those that take any number are left out."""
        most = {entry.name: entry.factory.most_notices for entry in self.config.receivers}
        return {name: limit for name, limit in most.items() if limit is not None}

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close()
        self.state.close()


def open_container(path: Path, clock: Clock) -> Container:
    """Reads finops.yaml and makes every part. Raises ``Malformed`` with all faults, or what a store raises."""
    config = read_config(path)
    url = config.state.reveal(config.base) if isinstance(config.state, Secret) else config.state
    engine = _engine(config)
    lake = open_lake(config, clock, config.dimensions, config.timezone, engine)
    columns = condition_columns().with_dimensions(config.dimension_names)
    state = open_state(url, base=config.base, clock=clock)
    offered = {
        "base": config.base,
        "clock": clock,
        "lake": lake,
        "columns": columns,
        "request_costs": state.request_costs,
    }
    try:
        return _parts(config, clock, engine, lake, state, offered)
    except BaseException:
        state.close()
        raise


def _parts(
    config: Config, clock: Clock, engine: Engine | None, lake: Lake, state: State, offered: Mapping[str, object]
) -> Container:
    return Container(
        config=config,
        clock=clock,
        engine=engine,
        lake=lake,
        state=state,
        sources={entry.name: make(entry, offered) for entry in config.sources},
        demand={entry.name: make(entry, offered) for entry in config.demand},
        emissions={entry.name: make(entry, offered) for entry in config.emissions},
    )


def read_config(path: Path) -> Config:
    return load_config(path, condition_columns())


def settings_of(config: Config) -> Settings:
    """What every policy shares, without rates."""
    return Settings(
        currency=config.currency,
        timezone=config.timezone,
        fiscal_year_starts=config.fiscal_year_starts,
        settling=config.settling,
        dimensions=config.dimension_names,
        demand_units={entry.name: entry.unit for entry in config.demand},
        emissions=tuple(entry.name for entry in config.emissions),
    )


def _engine(config: Config) -> Engine | None:
    """None: this process. Raises ``BadArguments`` where what the engine needs is not installed."""
    engine = config.engine
    if engine.master is None:
        return None
    options = {
        key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in engine.options.items()
    }
    return spark_engine(engine.master, options)


def open_lake(
    config: Config, clock: Clock, dimensions: Sequence[Dimension], timezone: ZoneInfo, engine: Engine | None = None
) -> Lake:
    """The lake with these dimensions and days (an audit reads an old version with those of then)."""
    location = Location.parse(config.lake_uri, base=config.base, endpoint=config.lake_endpoint)
    columns = Dimensions(dimensions, condition_columns())
    budget = MemoryLimits(config.ingest_memory_bytes)
    return DeltaLake(
        location,
        dimensions=columns,
        timezone=timezone,
        audit=config.audit,
        clock=clock,
        engine=engine,
        budget=budget,
    )


def load_every_policy(config: Config, columns: Columns) -> list[Policy]:
    return load_policies(
        config.policy_paths,
        kinds=policy_kinds().load_all(),
        columns=columns,
        demand={entry.name for entry in config.demand},
    )


def named_policies(policies: Sequence[Policy], names: Sequence[str]) -> list[Policy]:
    """All of them where none is named. Raises ``BadArguments`` for a name that nobody has."""
    known = {policy.name for policy in policies}
    for name in names:
        if name not in known:
            raise BadArguments(
                f"no policy is called '{name}'", where="--policy", remedy=f"Known are: {', '.join(sorted(known))}"
            )
    return [policy for policy in policies if not names or policy.name in names]
