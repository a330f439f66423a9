"""What finops.yaml says of chat and pagers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from finops.model.secret import Secret


class AppriseOptions(BaseModel):
    """One address of a service, as https://github.com/caronc/apprise/wiki describes them: Slack, Teams, PagerDuty …"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Secret = Field(
        description="The service's address by reference: it holds a token", examples=[{"env": "PAGER_URL"}]
    )
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, description="How long each step may take", examples=[10])
