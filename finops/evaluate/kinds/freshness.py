"""Is the data late?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from finops.conditions import parse
from finops.errors import InvalidValue
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.kind import Needs, PolicyKind, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.judgement.threshold import judge_readings
from finops.model.columns import Columns, sql_text
from finops.model.kind_profile import KindProfile, Measure
from finops.model.money import Money
from finops.model.period import Period
from finops.model.source_freshness import SourceFreshness
from finops.model.unit import Unit
from finops.model.wording import moment_text
from finops.policy.envelope import Envelope
from finops.policy.options import CommonOptions

PROFILE = KindProfile(
    kind="Freshness",
    title="Freshness",
    question="Is the data late?",
    documentation="freshness.md",
    rank=80,
    watches_sources=True,
    advice="Open the Sources page to see why a source failed.",
    calm_headline="{name}: the data is up to date",
    measures={"age": Measure("Age", (Unit.DURATION,), headline="{name}: the data is {measure.age} old")},
)


MINIMUM_DAYS = 30
"""A ``minimum`` looks at what the group spent in this many days up to today."""

_HOUR = timedelta(hours=1)


class FreshnessOptions(CommonOptions):
    """Is the data late?"""

    sources: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        default=None,
        description="Names of sources; left out, every source with rows in the scope.",
        examples=[["aws-prod", "azure-prod"]],
    )

    @field_validator("sources")
    @classmethod
    def _instead_of_a_scope(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None and info.data.get("scope") is not None:
            raise InvalidValue("both 'sources' and 'scope' choose the sources", "Keep one of the two")
        return value


@dataclass(frozen=True, slots=True)
class Freshness(PolicyKind[FreshnessOptions]):
    """``age``: how long ago the newest data of the group's oldest source ends."""

    profile: ClassVar[KindProfile] = PROFILE
    Options: ClassVar[type[CommonOptions]] = FreshnessOptions

    @classmethod
    def from_options(cls, options: FreshnessOptions, envelope: Envelope) -> Freshness:
        if options.sources is not None:
            names = ", ".join(map(sql_text, options.sources))
            condition = parse(f"source IN ({names})", Columns({"source": "text"}))
            envelope = replace(envelope, condition=condition)
        return cls(envelope, options)

    def needs(self, moment: Moment) -> Needs:
        window = None
        if self.envelope.minimum is not None:
            window = Period(moment.today - timedelta(days=MINIMUM_DAYS), moment.today + timedelta(days=1))
        return Needs(window)

    def judge(self, data: GroupData) -> Verdict:
        reading = self._age(data)
        gap = "; ".join(self._silent(data)) or None
        outcome = judge_readings(self.envelope, data, {"age": reading}, gap=gap, spent=self._spent(data))
        today = data.moment.today
        return Verdict.of(
            outcome,
            currency=self.currency(data),
            period=Period(today, today + timedelta(days=1)),
            measures={"age": reading.duration / _HOUR} if reading.duration is not None else {},
        )

    def explain(self, data: GroupData) -> list[str]:
        as_of = data.moment.as_of.astimezone(UTC)
        lines = [f"evaluated at {moment_text(as_of)}"]
        for source in data.sources:
            if source.complete_through is None:
                lines.append(f"{source.source}: no data")
            else:
                hours = (as_of - source.complete_through) / _HOUR
                reach = f"{moment_text(source.complete_through)}{source.held_up_by()}"
                lines.append(f"{source.source}: data reaches {reach}, age = {hours:.2f} h")
        return [*lines, *self._silent(data)]

    def _age(self, data: GroupData) -> Reading:
        reaching = [(source.complete_through, source) for source in data.sources if source.complete_through]
        if not reaching:
            return Reading(unknown="; ".join(self._silent(data)) or "no configured source delivers this scope")
        reach, oldest = min(reaching, key=lambda pair: (pair[0], pair[1].source))
        detail = f"the data of {oldest.source} reaches {moment_text(reach)}{oldest.held_up_by()}{_failure(oldest)}"
        return Reading("above", duration=max(data.moment.as_of - reach, timedelta()), detail=detail)

    def _silent(self, data: GroupData) -> list[str]:
        silent = [*data.silent, *(source for source in data.sources if source.complete_through is None)]
        names = {source.source for source in (*data.sources, *data.silent)}
        wanted = self.options.sources if "source" not in self.envelope.group_by else None
        return [
            *(f"{source.source} has never delivered a row{_failure(source)}" for source in silent),
            *(f"no source '{name}' is configured" for name in wanted or () if name not in names),
        ]

    def _spent(self, data: GroupData) -> Money | None:
        """None, which no minimum excuses, where a rate is missing."""
        minimum, window = self.envelope.minimum, self.needs(data.moment).window
        if minimum is None or window is None:
            return None
        try:
            spent: Decimal = data.spent(window, data.moment.today, minimum.currency)
        except Unknowable:
            return None
        return Money(spent, minimum.currency)


def _failure(source: SourceFreshness) -> str:
    return f" (its last collection failed: {source.error})" if not source.up and source.error else ""


__all__ = ["Freshness"]
