"""finops.yaml -> Config: typed, checked, every fault at once."""

from finops.config.load import load_config
from finops.config.settings import Config, DemandEntry, ReceiverEntry, SourceEntry

__all__ = ["Config", "DemandEntry", "ReceiverEntry", "SourceEntry", "load_config"]
