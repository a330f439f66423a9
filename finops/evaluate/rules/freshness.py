"""Is the data late?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from finops.conditions import parse
from finops.evaluate.envelope import Envelope
from finops.evaluate.facts import Facts
from finops.evaluate.judging import judge
from finops.evaluate.moment import Moment
from finops.evaluate.options import CommonOptions
from finops.evaluate.reading import Reading
from finops.evaluate.rule import Needs, Verdict
from finops.evaluate.unknowable import Unknowable
from finops.evaluate.when import Unit
from finops.evaluate.wording import moment_text
from finops.model.columns import Columns
from finops.model.money import Money
from finops.model.period import Period
from finops.model.standing import SourceFreshness

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
            raise ValueError("both 'sources' and 'scope' choose the sources | Keep one of the two")
        return value


@dataclass(frozen=True, slots=True)
class Freshness:
    """``age``: how long ago the newest data of the group's oldest source ends."""

    kind: ClassVar[str] = "Freshness"
    Options: ClassVar[type[CommonOptions]] = FreshnessOptions
    measures: ClassVar[Mapping[str, Collection[Unit]]] = {"age": (Unit.DURATION,)}

    envelope: Envelope
    options: FreshnessOptions

    @classmethod
    def from_options(cls, options: FreshnessOptions, envelope: Envelope) -> Freshness:
        if options.sources is not None:
            names = ", ".join("'" + name.replace("'", "''") + "'" for name in options.sources)
            condition = parse(f"source IN ({names})", Columns({"source": "text"}))
            envelope = replace(envelope, condition=condition)
        return cls(envelope, options)

    @classmethod
    def currency_of(cls, options: FreshnessOptions) -> str | None:
        """Only ``minimum`` is an amount, and it chooses its own currency."""
        return options.minimum.currency if options.minimum is not None else None

    def needs(self, moment: Moment) -> Needs:
        window = None
        if self.envelope.minimum is not None:
            window = Period(moment.today - timedelta(days=MINIMUM_DAYS), moment.today + timedelta(days=1))
        return Needs(window)

    def judge(self, facts: Facts) -> Verdict:
        reading = self._age(facts)
        gap = "; ".join(self._silent(facts)) or None
        outcome = judge(self.envelope, facts, {"age": reading}, gap=gap, spent=self._spent(facts))
        today = facts.moment.today
        minimum = self.envelope.minimum
        return Verdict.of(
            outcome,
            currency=minimum.currency if minimum is not None else facts.moment.settings.currency,
            period=Period(today, today + timedelta(days=1)),
            measures={"age": reading.duration / _HOUR} if reading.duration is not None else {},
        )

    def explain(self, facts: Facts) -> list[str]:
        as_of = facts.moment.as_of.astimezone(UTC)
        lines = [f"evaluated at {moment_text(as_of)}"]
        for source in facts.sources:
            if source.complete_through is None:
                lines.append(f"{source.source}: no data")
            else:
                hours = (as_of - source.complete_through) / _HOUR
                reach = moment_text(source.complete_through)
                lines.append(f"{source.source}: data reaches {reach}, age = {hours:.2f} h")
        return [*lines, *self._silent(facts)]

    def _age(self, facts: Facts) -> Reading:
        reaching = [(source.complete_through, source) for source in facts.sources if source.complete_through]
        if not reaching:
            return Reading(unknown="; ".join(self._silent(facts)) or "no configured source delivers this scope")
        reach, oldest = min(reaching, key=lambda pair: (pair[0], pair[1].source))
        detail = f"the data of {oldest.source} reaches {moment_text(reach)}{_failure(oldest)}"
        return Reading("above", duration=max(facts.moment.as_of - reach, timedelta()), detail=detail)

    def _silent(self, facts: Facts) -> list[str]:
        silent = [*facts.silent, *(source for source in facts.sources if source.complete_through is None)]
        names = {source.source for source in (*facts.sources, *facts.silent)}
        wanted = self.options.sources if "source" not in self.envelope.group_by else None
        return [
            *(f"{source.source} has never delivered a row{_failure(source)}" for source in silent),
            *(f"no source '{name}' is configured" for name in wanted or () if name not in names),
        ]

    def _spent(self, facts: Facts) -> Money | None:
        """None, which no minimum excuses, where a rate is missing."""
        minimum, window = self.envelope.minimum, self.needs(facts.moment).window
        if minimum is None or window is None:
            return None
        try:
            spent: Decimal = facts.spent(window, facts.moment.today, minimum.currency)
        except Unknowable:
            return None
        return Money(spent, minimum.currency)


def _failure(source: SourceFreshness) -> str:
    return f" (its last collection failed: {source.error})" if not source.up and source.error else ""
