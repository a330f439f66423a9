"""What every JSON document of the API has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """Exact: what is not described is not sent. Times are UTC, days ISO 8601, amounts decimal strings."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
