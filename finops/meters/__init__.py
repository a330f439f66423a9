"""Parses the meters that vendors bill AI models by: model, kind of token, tier."""

from finops.meters.meter import TEXT_KINDS, Meter, read_meter

__all__ = ["TEXT_KINDS", "Meter", "read_meter"]
