"""What finops.yaml says of an Alertmanager."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from finops.errors import InvalidValue
from finops_exporters.alertmanager.labels import LABEL_NAME, RESERVED
from finops_exporters.http_sender import SenderOptions


def _days(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    text = str(value)
    if not text.endswith("d") or not text[:-1].isascii() or not text[:-1].isdigit() or not 0 < int(text[:-1]) <= 366:
        raise InvalidValue(f"'{value}' is not a valid number of days", "Write it like 7d")
    return timedelta(days=int(text[:-1]))


class AlertmanagerOptions(SenderOptions):
    """``url``: the Alertmanager's own address, without ``/api/v2``."""

    holds: Annotated[timedelta, BeforeValidator(_days), WithJsonSchema({"type": "string", "examples": ["7d"]})] = Field(
        default=timedelta(days=7),
        description="An alert that is not told again for so long ends there by itself; longer than the route's repeat",
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="Labels to add to every alert", examples=[{"cluster": "billing"}]
    )

    @field_validator("labels")
    @classmethod
    def _labels(cls, labels: dict[str, str]) -> dict[str, str]:
        for name in labels:
            if not LABEL_NAME.fullmatch(name):
                raise InvalidValue(
                    f"'{name}' is not a valid label name", "Use letters, digits and '_', and no digit first"
                )
            if name in RESERVED:
                raise InvalidValue(f"the label '{name}' is set by finops", "Remove it")
        return labels
