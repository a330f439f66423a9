"""Emissions of Azure subscriptions."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel

from finops.collect.azure.carbon.ask import Carbon
from finops.collect.azure.carbon.options import AzureCarbonOptions
from finops.collect.azure.identity import EntraCredential
from finops.collect.azure.patience import Wait
from finops.errors import FinopsError, RefusedBatch
from finops.model.mass import GRAMS
from finops.model.money import EXACT, quantise
from finops.model.period import month_start
from finops.model.wording import count_text
from finops.ports.clock import Clock
from finops.ports.emissions import EMISSIONS_SCHEMA, EmissionsDelivery
from finops.ports.source import Check, Usage

_VALUE = "latestMonthEmissions"


class AzureCarbon:
    """Every month that Azure still knows (it keeps 12), added up by subscription, resource type and location."""

    kind: ClassVar[str] = "azure-carbon"
    Options: ClassVar[type[BaseModel]] = AzureCarbonOptions

    def __init__(
        self, name: str, options: AzureCarbonOptions, *, base: Path, clock: Clock, wait: Wait = time.sleep
    ) -> None:
        self.name = name
        self.usage = Usage()
        self._options = options
        credential = EntraCredential(options.sign_in, base=base, source=name)
        self._door = Carbon(credential, clock=clock, usage=self.usage, endpoint=options.endpoint, wait=wait)

    @classmethod
    def from_options(cls, name: str, options: AzureCarbonOptions, *, base: Path, clock: Clock) -> AzureCarbon:
        return cls(name, options, base=base, clock=clock)

    def read(self, known_digest: str | None) -> EmissionsDelivery | None:
        """All months, or None when they say what they said before. Raises what asking raises."""
        rows = [row for month in self._door.months() for row in self._rows(month)]
        frame = (
            pl.DataFrame(rows, schema=EMISSIONS_SCHEMA, orient="row")
            .group_by(pl.exclude("grams"))
            .agg(pl.col("grams").sum())
            .select(EMISSIONS_SCHEMA.names())
            .sort(pl.all())
        )
        digest = f"sha256:{sha256(frame.write_csv().encode()).hexdigest()}"
        return None if digest == known_digest else EmissionsDelivery(frame, digest)

    def check(self) -> Sequence[Check]:
        """The newest month, of every subscription."""
        subject = f"carbon report of {count_text(len(self._options.subscriptions), 'subscription')}"
        try:
            months = self._door.months()
            count = len(list(self._rows(months[-1]))) if months else 0
        except FinopsError as error:
            return [Check(subject, passed=False, detail=str(error))]
        newest = (
            f"the latest month is {months[-1]:%Y-%m}, {count_text(count, 'resource')}" if months else "no month yet"
        )
        return [Check(subject, passed=True, detail=f"{newest}; {self.usage.requests} requests, which cost nothing")]

    def _rows(self, month: date) -> Iterator[tuple[object, ...]]:
        for item in self._door.items(month, self._options.subscriptions, self._options.ghg_scopes):
            subscription = item.get("subscriptionId")
            yield (
                month,
                month_start(month, 1),
                quantise(EXACT.multiply(_kilograms(item, month), GRAMS["kg"])),
                "Microsoft",
                # as Azure's bills write it, so that one dimension names both
                f"/subscriptions/{str(subscription).lower()}" if subscription else None,
                None,
                item.get("resourceType"),
                _region(item.get("location")),
                None,
            )


def _kilograms(item: Mapping[str, Any], month: date) -> Decimal:
    value = item.get(_VALUE)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise RefusedBatch(
            f"'{value}' is not a valid number",
            where=f"Azure Carbon Optimization, {month:%Y-%m}, {item.get('resourceId')}, {_VALUE}",
            remedy="Report this: the Azure API has changed",
        )
    return Decimal(value)


def _region(location: Any) -> str | None:
    """``east us`` -> ``eastus``, as RegionId of Azure's bills."""
    return str(location).replace(" ", "").lower() if location else None
