"""What every part of finops.yaml has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """An unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)
