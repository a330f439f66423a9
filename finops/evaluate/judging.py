"""Readings against alerts: the one place where a verdict becomes ok, firing or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Literal

from finops.evaluate.envelope import Envelope
from finops.evaluate.facts import Facts
from finops.evaluate.when import COMPARE, OPPOSITE, Alert
from finops.evaluate.wording import amount_text, duration_text, share_text, threshold_text
from finops.model.finding import Severity, State
from finops.model.money import EXACT, Money

Certain = Literal["above", "below", "always"]
"""Where rows are missing: a value that can only rise is certain above a threshold, one that can only fall below it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One measure of one group: ``amount`` of ``base`` (a share), or ``duration``, or why it is ``unknown``.

    ``detail`` is what stands behind the colon of a reason. ``too_early``: unknown by the calendar alone, nothing is
    missing; another measure may then speak for the verdict.
    """

    certain: Certain = "always"
    amount: Money | None = None
    base: Money | None = None
    duration: timedelta | None = None
    detail: str = ""
    unknown: str = ""
    too_early: bool = False

    @property
    def share(self) -> Decimal | None:
        """``amount`` ÷ ``base``; None without a base, or where it is zero."""
        if self.amount is None or self.base is None or not self.base.amount:
            return None
        with localcontext(EXACT):
            return self.amount.amount / self.base.amount

    def meets(self, alert: Alert) -> bool:
        """Exact: a share is compared by its products, so that a base of zero needs no division."""
        compare = COMPARE[alert.comparison]
        threshold = alert.threshold
        with localcontext(EXACT):
            if isinstance(threshold, timedelta):
                assert self.duration is not None  # noqa: S101 - units were checked when the file was read
                return compare(Decimal(self.duration // _SECOND), Decimal(threshold // _SECOND))
            assert self.amount is not None  # noqa: S101 - as above
            if isinstance(threshold, Money):
                return compare(self.amount.amount, threshold.amount)
            assert self.base is not None  # noqa: S101 - as above
            return compare(self.amount.amount, threshold * self.base.amount)

    def value(self, alert: Alert) -> float | None:
        """In the unit of the alert: a share, an amount, hours."""
        if self.unknown:
            return None
        if isinstance(alert.threshold, timedelta):
            return self.duration / _HOUR if self.duration is not None else None
        if isinstance(alert.threshold, Money):
            return float(self.amount.amount) if self.amount is not None else None
        return float(self.share) if self.share is not None else None

    def text(self, alert: Alert) -> str:
        if isinstance(alert.threshold, timedelta):
            return duration_text(self.duration or timedelta())
        if isinstance(alert.threshold, Money) and self.amount is not None:
            return amount_text(self.amount.amount, self.amount.currency)
        return share_text(self.share, unlike=threshold_text(alert.threshold))


_SECOND = timedelta(seconds=1)
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


def judge(
    envelope: Envelope, facts: Facts, readings: Mapping[str, Reading], *, gap: str | None, spent: Money | None
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
        note = f"; below the minimum of {threshold_text(minimum)}"
        firing = []
    if firing:
        return _firing(envelope, facts, firing, readings, gap)
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
    envelope: Envelope, facts: Facts, firing: Sequence[Alert], readings: Mapping[str, Reading], gap: str | None
) -> Outcome:
    first, *others = sorted(firing, key=lambda alert: -alert.severity.rank)
    reading = readings[first.measure]
    reason = _comparison(first, reading) + (f": {reading.detail}" if reading.detail else "")
    told = {first.measure: first}
    for alert in others:  # a lower threshold of a measure that was told says nothing new
        if told.setdefault(alert.measure, alert) is alert:
            reason += f"; also {_comparison(alert, readings[alert.measure])}"
    exemptions = [exemption for exemption in envelope.exemptions if exemption.covers(facts.group)]
    for exemption in exemptions:
        if facts.moment.today <= exemption.expires:
            reason = f"excepted until {exemption.expires}: {exemption.reason} ({reason})"
            return _outcome(State.OK, None, reason, first, readings)
    reason += "".join(f"; the exception '{e.reason}' expired on {e.expires}" for e in exemptions)
    if gap is not None:
        reason += f"; {gap}"
    return _outcome(State.FIRING, first.severity, reason, first, readings)


def _comparison(alert: Alert, reading: Reading, *, met: bool = True) -> str:
    sign = alert.comparison if met else OPPOSITE[alert.comparison]
    return f"{alert.measure} {reading.text(alert)} {sign} {threshold_text(alert.threshold)}"


def _calm(alerts: Sequence[Alert], readings: Mapping[str, Reading]) -> str:
    """One comparison a measure: the one whose threshold stands first in the file."""
    first: dict[str, Alert] = {}
    for alert in alerts:
        first.setdefault(alert.measure, alert)
    return "; ".join(
        _comparison(alert, reading, met=reading.meets(alert)) + (f": {reading.detail}" if reading.detail else "")
        for alert, reading in ((alert, readings[measure]) for measure, alert in first.items())
    )


def _outcome(
    state: State, severity: Severity | None, reason: str, alert: Alert, readings: Mapping[str, Reading]
) -> Outcome:
    threshold = alert.threshold
    if isinstance(threshold, timedelta):
        limit = threshold / _HOUR
    else:
        limit = float(threshold.amount if isinstance(threshold, Money) else threshold)
    return Outcome(state, severity, reason, alert.measure, readings[alert.measure].value(alert), limit)
