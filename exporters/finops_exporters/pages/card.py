"""One budget as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from finops.model.evaluation import Track
from finops.model.finding import Finding, Severity, State
from finops.model.money import Money
from finops_exporters.charts.burn_up import cumulative, due_by_day
from finops_exporters.pages import words
from finops_exporters.pages.changed import Changed, changed_of

_LONGEST_BY_DAY = 62
"""A period of more days is listed by month."""


@dataclass(frozen=True, slots=True)
class Row:
    """``final``: every day in it is settled."""

    when: str
    spent: str
    so_far: str
    due: str
    final: bool


@dataclass(frozen=True, slots=True)
class Card:
    """Texts only; ``used_share`` and ``due_share`` are 0 to 100, for the bar (None: no bar)."""

    anchor: str
    name: str
    group: tuple[tuple[str, str], ...]
    owner: str
    description: str
    tone: str
    state: str
    reason: str
    spent: str | None
    limit: str | None
    used: str | None
    used_share: float | None
    due_share: float | None
    pace: str | None
    forecast: str | None
    remaining_words: str
    remaining: str | None
    period: str
    complete_through: str | None
    complete_age: str
    chart: str | None
    chart_text: str
    rows: tuple[Row, ...]
    rows_by_month: bool
    currency: str
    changed: Changed | None

    @property
    def pace_brief(self) -> str | None:
        return self.pace.removesuffix(" than planned") if self.pace else None

    @property
    def title(self) -> str:
        return " · ".join((self.name, *(f"{key} {value}" for key, value in self.group)))


def tone_of(finding: Finding) -> str:
    """``critical``, ``warning``, ``info``, ``unknown`` or ``ok``: a class of the style sheet."""
    if finding.state is State.FIRING:
        return (finding.severity or Severity.WARNING).value
    return finding.state.value


def state_words(finding: Finding) -> str:
    if finding.state is State.FIRING:
        return words.SEVERITIES[finding.severity or Severity.WARNING]
    return words.STATES[finding.state]


def card_of(finding: Finding, track: Track | None, chart: str | None, today: date) -> Card:
    spent, limit, due = (finding.amount.get(name) for name in ("spent", "limit", "due"))
    remaining = finding.amount.get("remaining")
    if remaining is None and spent is not None and limit is not None:
        remaining = limit - spent
    used = finding.measures.get("spent")
    pace = finding.measures.get("pace")
    settled = finding.complete_through
    return Card(
        anchor=finding.anchor,
        name=finding.policy,
        group=tuple(sorted(finding.group.items())),
        owner=finding.owner,
        description=finding.description,
        tone=tone_of(finding),
        state=state_words(finding),
        reason=reason_of(finding),
        spent=words.money(spent) if spent is not None else None,
        limit=words.money(limit) if limit is not None else None,
        used=words.percent(used) if used is not None else None,
        used_share=min(max(used * 100, 0.0), 100.0) if used is not None else None,
        due_share=_share(due, limit),
        pace=words.pace(pace) if pace is not None else None,
        forecast=_forecast(finding),
        remaining_words="Over by" if remaining is not None and remaining.amount < 0 else "Remaining",
        remaining=words.money(Money(abs(remaining.amount), remaining.currency)) if remaining is not None else None,
        period=words.period(finding.period),
        complete_through=words.day(settled) if settled else None,
        complete_age=words.age(settled, today) if settled else "",
        chart=chart,
        chart_text=_chart_text(finding, spent, limit),
        rows=tuple(_rows(track)) if track else (),
        rows_by_month=finding.period.days > _LONGEST_BY_DAY,
        currency=finding.currency,
        changed=changed_of(finding),
    )


def reason_of(finding: Finding) -> str:
    """The verdict's reason as a sentence, where the measure is one that a budget always has."""
    value, limit = finding.value, finding.limit
    if finding.state is State.FIRING and value is not None and limit is not None:
        if finding.measure == "pace":
            return f"Spending is {words.pace(value)}; the line is {words.pace(limit)}."
        # spent can also be held against an amount: then the value is not the share
        if finding.measure == "spent" and value == finding.measures.get("spent"):
            return f"{words.percent(value)} of the budget is spent; the line is {words.percent(limit)}."
        if finding.measure == "forecast" and value == finding.measures.get("forecast"):
            return f"The forecast is {words.percent(value)} of the budget; the line is {words.percent(limit)}."
    if finding.state is State.OK and finding.kind == "Budget":
        return "Below every line."
    reason = finding.reason.strip()
    return f"{reason[:1].upper()}{reason[1:]}{'' if reason.endswith(('.', '!', '?')) else '.'}" if reason else ""


def _forecast(finding: Finding) -> str | None:
    """``13,369.99 EUR (13,212.65 to 13,527.32)``."""
    named = [finding.amount.get(name) for name in ("forecast", "forecast_low", "forecast_high")]
    middle, low, high = named
    if middle is None or low is None or high is None:
        return None
    return f"{words.money(middle)} ({words.number(low.amount)} to {words.number(high.amount)})"


def _share(due: Money | None, limit: Money | None) -> float | None:
    if due is None or limit is None or due.currency != limit.currency or limit.amount <= 0:
        return None
    return min(max(float(due.amount / limit.amount) * 100, 0.0), 100.0)


def _chart_text(finding: Finding, spent: Money | None, limit: Money | None) -> str:
    if spent is None or limit is None:
        return f"Chart of what was spent in {words.period(finding.period)}."
    return (
        f"Chart: {words.money(spent)} spent in {words.period(finding.period)} against a budget of {words.money(limit)}."
    )


def _rows(track: Track) -> Iterator[Row]:
    days = list(zip(track.days, track.spent, cumulative(track.spent), due_by_day(track), strict=True))
    if track.period.days <= _LONGEST_BY_DAY:
        for day, spent, so_far, due in days:
            yield _row(f"{day.day} {day:%B}", spent, so_far, due, day, track.settled_through)
        return
    for (year, month), part in groupby(days, key=lambda item: (item[0].year, item[0].month)):
        of_month = list(part)
        last, _, so_far, due = of_month[-1]
        spent = sum((item[1] for item in of_month), Decimal(0))
        yield _row(f"{date(year, month, 1):%B %Y}", spent, so_far, due, last, track.settled_through)


def _row(when: str, spent: Decimal, so_far: Decimal, due: Decimal | None, day: date, settled: date | None) -> Row:
    return Row(
        when=when,
        spent=words.number(spent),
        so_far=words.number(so_far),
        due=words.number(due) if due is not None else "–",
        final=settled is not None and day <= settled,
    )


def tracks_by_place(tracks: tuple[Track, ...]) -> Mapping[tuple[str, str], Track]:
    return {(track.policy, track.group): track for track in tracks}
