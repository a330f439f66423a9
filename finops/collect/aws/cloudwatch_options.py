"""What finops.yaml says of a demand series from CloudWatch."""

from __future__ import annotations

import re
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, field_validator

from finops.errors import InvalidValue

DAYS_KEPT = 455
"""How long CloudWatch keeps points of an hour, which a day is made of (API reference of GetMetricData)."""

_STATISTICS = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")
_PERCENTILE = re.compile(r"p(100|\d{1,2}(\.\d+)?)")


class CloudWatchDemandOptions(BaseModel):
    """One metric of CloudWatch, one value a UTC day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    namespace: str = Field(min_length=1, description="The metric's namespace", examples=["AWS/ApplicationELB"])
    metric: str = Field(min_length=1, description="The metric's name", examples=["RequestCount"])
    statistic: str = Field(
        default="Sum",
        description="Statistic of each day: Sum, Average, Minimum, Maximum, SampleCount or a percentile",
        examples=["Sum", "p95"],
    )
    dimensions: dict[str, str] = Field(
        default_factory=dict,
        max_length=30,
        description="All dimensions of the metric, with their values",
        examples=[{"LoadBalancer": "app/shop/50dc6c495c0c9188"}],
    )
    metric_unit: str | None = Field(
        default=None, description="Only points in this CloudWatch unit; units are not converted", examples=["Count"]
    )
    region: str | None = Field(
        default=None, description="Region of the metric; default: AWS_REGION", examples=["eu-central-1"]
    )
    unit: str | None = Field(default=None, description="Name of one unit; default: the name of the series")
    since: date | None = Field(default=None, description="First day to read")
    days: int = Field(default=400, ge=1, le=DAYS_KEPT - 1, description="Days that each collection reads again")
    endpoint: str | None = Field(default=None, description="URL of a compatible server")

    @field_validator("statistic")
    @classmethod
    def _known(cls, statistic: str) -> str:
        if statistic not in _STATISTICS and not _PERCENTILE.fullmatch(statistic):
            known = ", ".join(_STATISTICS)
            raise InvalidValue(
                f"'{statistic}' is not a valid statistic", f"Write one of {known}, or a percentile like p95"
            )
        return statistic

    @property
    def definition(self) -> tuple[str, ...]:
        """What the series is made of: days of another definition mean something else."""
        own = (self.namespace, self.metric, self.statistic, self.metric_unit or "", self.region or "")
        return ("cloudwatch", *own, *(f"{name}={value}" for name, value in sorted(self.dimensions.items())))
