"""What all policies share, as finops.yaml and the rates file say it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from finops.collect.rates.ecb_file import parse_rates, read_text
from finops.config import Config
from finops.model.dimension import Dimension
from finops.model.evaluation import Settings


@dataclass(frozen=True, slots=True)
class SettingsReader:
    """The rates file is read on each use: it may change under a running service."""

    config: Config

    @property
    def dimensions(self) -> Sequence[Dimension]:
        return self.config.dimensions

    def rates_text(self) -> str | None:
        """The rates file as it is now; None where finops.yaml names none."""
        rates = self.config.rates
        return read_text(self.config.base / rates.path) if rates else None

    def with_rates(self, text: str | None) -> Settings:
        """``text`` None: every foreign currency is a missing rate. Raises ``Malformed`` for a faulty rates file."""
        rates = self.config.rates
        if text is None or rates is None:
            return settings_of(self.config)
        return replace(settings_of(self.config), rates=parse_rates(text, rates.path))

    def read(self) -> Settings:
        return self.with_rates(self.rates_text())


def settings_of(config: Config) -> Settings:
    """Without rates."""
    return Settings(
        currency=config.currency,
        timezone=config.timezone,
        fiscal_year_starts=config.fiscal_year_starts,
        settling=config.settling,
        dimensions=config.dimension_names,
        demand_units={entry.name: entry.unit for entry in config.demand},
        value_currencies=config.value_currencies,
        emissions=tuple(entry.name for entry in config.emissions),
        calendar=config.calendar,
    )
