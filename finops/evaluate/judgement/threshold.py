"""Readings against alerts: the one place where a verdict becomes ok, firing or unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.reading import NEVER, Reading
from finops.model.finding import Severity, State
from finops.model.mass import Mass
from finops.model.money import Money
from finops.model.unit import Unit
from finops.model.wording import amount_text
from finops.policy.envelope import Envelope
from finops.policy.when import OPPOSITE, Alert, threshold_text

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict without the numbers behind it."""

    state: State
    severity: Severity | None
    reason: str
    measure: str
    value: float | None
    limit: float | None
    unit: Unit


def judge_readings(
    envelope: Envelope, data: GroupData, readings: Mapping[str, Reading], *, gap: str | None, spent: Money | None
) -> Outcome:
    """The verdict of all alerts together.

    - The highest severity that fires wins, and stays where rows are missing if they could only make it worse.
    - ok needs every reading (but those that it is too early for, as long as there is another), and no ``gap``; else
      the verdict is unknown.
    - A group that ``spent`` less than the minimum never fires. An exemption that holds turns firing into ok, one that
      has expired is named in the reason.
    """
    firing = [
        alert
        for alert in envelope.alerts
        if not (reading := readings[alert.measure]).unknown
        and reading.meets(alert)
        and (gap is None or reading.certain in ("always", "above" if alert.upward else "below"))
    ]
    note = ""
    minimum = envelope.minimum
    if firing and minimum is not None and spent is not None and spent.amount < minimum.amount:
        note = f"; below the minimum of {amount_text(minimum.amount, minimum.currency)}"
        firing = []
    if firing:
        return _firing(envelope, data, firing, readings, gap)
    unknown = [alert for alert in envelope.alerts if readings[alert.measure].unknown]
    known = [alert for alert in envelope.alerts if alert not in unknown]
    if known and all(readings[alert.measure].too_early for alert in unknown):
        note += "".join(f"; {reason}" for reason in dict.fromkeys(readings[a.measure].unknown for a in unknown))
        unknown = []
    if unknown or gap is not None:
        reasons = [*([gap] if gap else []), *(readings[alert.measure].unknown for alert in unknown)]
        first = unknown[0] if unknown else envelope.alerts[0]
        return _outcome(State.UNKNOWN, None, "; ".join(dict.fromkeys(reasons)), first, readings)
    return _outcome(State.OK, None, _calm(known, readings) + note, known[0], readings)


def _firing(
    envelope: Envelope, data: GroupData, firing: Sequence[Alert], readings: Mapping[str, Reading], gap: str | None
) -> Outcome:
    first, *others = sorted(firing, key=lambda alert: -alert.severity.rank)
    reading = readings[first.measure]
    reason = _comparison(first, reading) + (f": {reading.detail}" if reading.detail else "")
    told = {first.measure: first}
    for alert in others:  # a lower threshold of a measure that was told says nothing new
        if told.setdefault(alert.measure, alert) is alert:
            reason += f"; also {_comparison(alert, readings[alert.measure])}"
    exemptions = [exemption for exemption in envelope.exemptions if exemption.covers(data.group)]
    for exemption in exemptions:
        if data.moment.today <= exemption.expires:
            reason = f"excepted until {exemption.expires}: {exemption.reason} ({reason})"
            return _outcome(State.OK, None, reason, first, readings)
    reason += "".join(f"; the exception '{e.reason}' expired on {e.expires}" for e in exemptions)
    if gap is not None:
        reason += f"; {gap}"
    return _outcome(State.FIRING, first.severity, reason, first, readings)


def _comparison(alert: Alert, reading: Reading, *, met: bool = True) -> str:
    """``pace 129 % > 110 %``; where the middle value passes and its interval does not, what would pass."""
    sign, needed = alert.comparison, ""
    if not met and reading.seems_to_meet(alert):
        sign = f"not significantly {alert.comparison}"
        needed = f" (certain from about {certain})" if (certain := reading.certain_from(alert)) else ""
    elif not met:
        sign = OPPOSITE[alert.comparison]
    return f"{alert.measure} {reading.text(alert)} {sign} {threshold_text(alert)}{needed}"


def _calm(alerts: Sequence[Alert], readings: Mapping[str, Reading]) -> str:
    """One comparison a measure: the one whose threshold stands first in the file."""
    first: dict[str, Alert] = {}
    for alert in alerts:
        first.setdefault(alert.measure, alert)
    parts, told = [], set()
    for measure, alert in first.items():
        reading = readings[measure]
        detail = f": {reading.detail}" if reading.detail and reading.detail not in told else ""
        told.add(reading.detail)
        parts.append(_comparison(alert, reading, met=reading.meets(alert)) + detail)
    return "; ".join(parts)


def _outcome(
    state: State, severity: Severity | None, reason: str, alert: Alert, readings: Mapping[str, Reading]
) -> Outcome:
    return Outcome(
        state, severity, reason, alert.measure, readings[alert.measure].value(alert), _limit(alert), alert.unit
    )


def _limit(alert: Alert) -> float:
    """In the unit of ``Reading.value``."""
    threshold = alert.threshold
    if isinstance(threshold, timedelta):
        return threshold / _HOUR
    if isinstance(threshold, Mass):
        return float(threshold.grams)
    return float(threshold.amount if isinstance(threshold, Money) else threshold)


def measures_of(readings: Mapping[str, Reading]) -> dict[str, float]:
    """Every measure that could be computed, as a finding carries it: a share or a plain number, else hours, grams or an
    amount; ``<measure>_low`` and ``<measure>_high`` where there is an interval. What is beyond measure is left out."""
    found: dict[str, float | None] = {}
    for name, reading in readings.items():
        if not reading.unknown:
            found |= {f"{name}{end}": value for end, value in _ends(reading)}
    return {name: value for name, value in sorted(found.items()) if value is not None and isfinite(value)}


def _ends(reading: Reading) -> Iterator[tuple[str, float | None]]:
    if reading.number is not None:
        yield from (("", reading.number), ("_low", reading.low), ("_high", reading.high))
    elif reading.duration is not None:
        for end, duration in (("", reading.duration), ("_low", reading.low_duration), ("_high", reading.high_duration)):
            if duration is not None and duration != NEVER:
                yield end, duration / _HOUR
    elif reading.mass is not None:
        yield "", float(reading.mass.grams)
    elif reading.amount is not None:
        for end, money in (("", reading.amount), ("_low", reading.low_amount), ("_high", reading.high_amount)):
            if money is not None:
                share = reading.share_of(money) if reading.base is not None else money.amount
                yield end, float(share) if share is not None else None
