"""The first page: what is over, what will be over, what cannot be known, and what changed since yesterday."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

from finops.model.cost_question import Compare, CostQuestion, equals
from finops.model.finding import Severity, State
from finops.model.money import EXACT, Money
from finops.model.month_costs import MonthCosts
from finops.model.period import Period, month_start
from finops.model.verdict_day import VerdictDay
from finops.model.wording import count_text
from finops_exporters import words
from finops_exporters.pages.filters import Choice, Filters, Pages, paged
from finops_exporters.pages.known_alerts import Known
from finops_exporters.pages.row import Line, line_of
from finops_exporters.pages.since_yesterday import Turn, turns
from finops_exporters.pages.snapshot_index import TONES, SnapshotIndex, Verdict

_MOST_CARDS = 12
"""Budgets with a drawing; the rest are lines."""
_MOST_LOUD = 30
_MOST_TURNS = 8


@dataclass(frozen=True, slots=True)
class Tally:
    """How many verdicts share a state, and the address that shows only those."""

    tone: str
    state: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section of verdicts that ask for attention. ``more``: how many have no room, and where they are."""

    key: str
    title: str
    lead: str
    cards: Sequence[Line]
    lines: Sequence[Line]
    more: int
    more_address: str


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """``address``: of the costs behind it, empty where there is nothing to show."""

    label: str
    value: str
    note: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """``known_before``: whether anything is known of the day before."""

    headline: str
    lead: str
    month: Sequence[MonthFigure]
    month_note: str
    tallies: Sequence[Tally]
    filters: Filters
    choices: Mapping[str, Sequence[Choice]]
    turns: Sequence[Turn]
    more_turns: int
    known_before: bool
    parts: Sequence[Part]
    calm: Sequence[Line]
    calm_total: int
    pages: Pages | None
    nothing: str
    has_policies: bool
    evaluated: str
    evaluated_iso: str
    evaluation_took: str
    data_version: str


def overview_of(index: SnapshotIndex, filters: Filters, before: Mapping[str, VerdictDay], known: Known) -> Overview:
    """``before``: the last verdicts of the day before, by place."""
    shown = filters.pass_(index.verdicts)
    budgets = [verdict for verdict in shown if verdict.profile.against_limit]
    others = [verdict for verdict in shown if not verdict.profile.against_limit]
    turned = turns(shown, before)
    calm, pages = paged([verdict for verdict in shown if verdict.finding.state is State.OK], filters, "/")
    snapshot = index.snapshot
    return Overview(
        headline=_headline(budgets, others, filtered=filters.are_set),
        lead=_lead(budgets, others),
        month=list(_month(snapshot.month, budgets)) if snapshot.month is not None and not filters.are_set else [],
        month_note=words.sentence(snapshot.month.note) if snapshot.month is not None else "",
        tallies=_tallies(shown, filters),
        filters=filters,
        choices=filters.choices(index.verdicts),
        turns=turned[:_MOST_TURNS],
        more_turns=max(0, len(turned) - _MOST_TURNS),
        known_before=bool(before),
        parts=[part for part in _parts(budgets, others, filters, known) if part.cards or part.lines],
        calm=[line_of(verdict, known) for verdict in calm],
        calm_total=sum(verdict.finding.state is State.OK for verdict in shown),
        pages=pages,
        nothing="" if shown or not index.verdicts else f"No verdict matches {filters.in_words}.",
        has_policies=bool(index.verdicts),
        evaluated=words.minute(snapshot.as_of),
        evaluated_iso=snapshot.as_of.isoformat(),
        evaluation_took=f"{snapshot.evaluated_seconds:.1f} s",
        data_version=", ".join(f"{k} {v}" for k, v in snapshot.data_version.to_json().items() if v is not None),
    )


def _month(month: MonthCosts, budgets: Sequence[Verdict]) -> Iterator[MonthFigure]:
    """What the month comes to, before what is over in it."""
    by = month.dimensions[:1] or ("ServiceName",)
    end = month.through + timedelta(days=1)
    so_far = CostQuestion(month.period.start, end, by, compare=Compare.MONTH)
    name = f"{month.period.start:%B}"
    yield MonthFigure(
        f"{name} to date", words.money_of(month.to_date, month.currency), _against_last_month(month), so_far.address
    )
    yield MonthFigure(f"Forecast for {name}", *_forecast(month))
    last, year_ago = (
        Period(month_start(month.through, -back), month_start(month.through, 1 - back)) for back in (1, 12)
    )
    for label, amount, period in (("Last month", month.last_month, last), ("A year ago", month.last_year, year_ago)):
        shown = CostQuestion(period.start, period.end, by).address if amount is not None else ""
        note = words.period(period) if amount is not None else f"{words.period(period)}: not all of its bills are known"
        yield MonthFigure(label, words.money_of(amount, month.currency), note, shown)
    yield MonthFigure("Over budget", *_over_budget(budgets))
    if month.dimensions:
        yield _unallocated(month, so_far)


def _against_last_month(month: MonthCosts) -> str:
    """Settled days only: a day that has not been delivered whole would look like a saving."""
    if month.to_date is None:
        return "no cost is known yet"
    now, before, through = month.settled, month.last_month_to_date, month.settled_through
    if now is None or before is None or before <= 0 or through is None:
        return f"through {words.day(month.through)}, provisional"
    growth = words.growth(float(EXACT.subtract(now, before) / before))
    return f"{growth} through {through.day} {through:%B}, against the same days of {month_start(through, -1):%B}"


def _forecast(month: MonthCosts) -> tuple[str, str]:
    forecast = month.forecast
    if forecast is None:
        return words.UNKNOWN, "too little is known for a forecast"
    low, high = (words.number(end, month.currency) for end in (forecast.low, forecast.high))
    return words.money_of(forecast.amount, month.currency), f"{low} to {high} in 8 of 10 cases"


def _over_budget(budgets: Sequence[Verdict]) -> tuple[str, str]:
    """In money; a cost that several budgets count is in each of them."""
    over: dict[str, Decimal] = {}
    known = [verdict.finding.amount["remaining"] for verdict in budgets if "remaining" in verdict.finding.amount]
    for remaining in known:
        if remaining.amount < 0:
            before = over.get(remaining.currency, Decimal(0))
            over[remaining.currency] = EXACT.subtract(before, remaining.amount)
    if not known:
        return words.UNKNOWN, "no budget has a verdict" if budgets else "no budgets"
    count = sum(remaining.amount < 0 for remaining in known)
    told = [words.money(Money(amount, currency)) for currency, amount in sorted(over.items())]
    note = f"{count:,} of {count_text(len(known), 'budget')}{'; each counts its own scope' if count > 1 else ''}"
    return words.listed(told) if told else words.money(Money(Decimal(0), known[0].currency)), note


def _unallocated(month: MonthCosts, so_far: CostQuestion) -> MonthFigure:
    dimension, part, whole = month.dimensions[0], month.unallocated, month.to_date
    if part is None or whole is None or whole <= 0:
        return MonthFigure("Unallocated", words.UNKNOWN, f"share without {words.shown(dimension, 40)}")
    scope = " OR ".join(equals(dimension, value) for value in month.unowned)
    address = replace(so_far, by=("ServiceName",), scope=scope).address
    return MonthFigure(
        "Unallocated",
        words.percent(float(part / whole)),
        f"{words.money_of(part, month.currency)} without {words.shown(dimension, 40)}",
        address,
    )


def is_over(verdict: Verdict) -> bool:
    """More than the whole budget is spent."""
    return (verdict.finding.measures.get("spent") or 0.0) > 1


def _parts(budgets: Sequence[Verdict], others: Sequence[Verdict], filters: Filters, known: Known) -> Iterable[Part]:
    firing = [verdict for verdict in budgets if verdict.finding.state is State.FIRING]
    over = [verdict for verdict in firing if is_over(verdict)]
    soon = [verdict for verdict in firing if not is_over(verdict)]
    loud = [verdict for verdict in others if verdict.finding.state is State.FIRING]
    unknown = [verdict for verdict in (*budgets, *others) if verdict.finding.state is State.UNKNOWN]
    part = partial(_part, filters, known)
    yield part("over", "Over budget", "Spending exceeds the budget of the period.", over, cards=True)
    yield part("soon", "At risk", "Spending is ahead of plan, or the forecast exceeds a threshold.", soon, cards=True)
    yield part("other", "Other policies", "Growth, unit costs, anomalies, allocation, commitments.", loud)
    yield part("unknown", "Unknown", "Data is missing, so these policies have no verdict.", unknown)


def _part(
    filters: Filters, known: Known, key: str, title: str, lead: str, verdicts: Sequence[Verdict], *, cards: bool = False
) -> Part:
    with_card = [line_of(verdict, known) for verdict in verdicts[:_MOST_CARDS]] if cards else []
    rest = verdicts[len(with_card) :]
    state = "unknown" if key == "unknown" else "firing"
    return Part(
        key,
        title,
        lead,
        with_card,
        [line_of(verdict, known) for verdict in rest[:_MOST_LOUD]],
        max(0, len(rest) - _MOST_LOUD),
        filters.address("/policies", state=state, page=1),
    )


def _headline(budgets: Sequence[Verdict], others: Sequence[Verdict], *, filtered: bool) -> str:
    total = len(budgets)
    if total == 0:
        if not others:
            return "Nothing to show" if filtered else "No policies yet"
        loud = _in_state(others, State.FIRING)
        return (
            f"{count_text(loud, 'verdict')} {'needs' if loud == 1 else 'need'} attention"
            if loud
            else "All policies are on track"
        )
    firing, unknown = _in_state(budgets, State.FIRING), _in_state(budgets, State.UNKNOWN)
    if total == 1:
        return f"The budget {'is over a threshold' if firing else 'has no verdict yet' if unknown else 'is on track'}"
    if firing:
        return f"{firing:,} of {total:,} budgets {_is(firing)} over a threshold"
    if unknown == total:
        return "No budget has a verdict yet"
    calm = total - unknown
    return f"{calm:,} of {total:,} budgets {_is(calm)} on track" if unknown else f"All {total:,} budgets are on track"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _lead(budgets: Sequence[Verdict], others: Sequence[Verdict]) -> str:
    sentences = []
    by_severity = [
        count_text(sum(verdict.tone == severity.value for verdict in budgets), one, many)
        for severity, one, many in (
            (Severity.CRITICAL, "critical", "critical"),
            (Severity.WARNING, "warning", "warnings"),
            (Severity.INFO, "notice", "notices"),
        )
        if any(verdict.tone == severity.value for verdict in budgets)
    ]
    if by_severity:
        sentences.append(f"{words.listed(by_severity)}.")
    unknown = _in_state(budgets, State.UNKNOWN)
    if unknown and unknown < len(budgets):
        sentences.append(f"{count_text(unknown, 'budget')} cannot be evaluated because data is missing.")
    loud = _in_state(others, State.FIRING)
    if loud and budgets:
        sentences.append(f"{count_text(loud, 'other policy verdict')} {'needs' if loud == 1 else 'need'} attention.")
    return " ".join(sentences)


def _in_state(verdicts: Iterable[Verdict], state: State) -> int:
    return sum(verdict.finding.state is state for verdict in verdicts)


def _tallies(shown: Sequence[Verdict], filters: Filters) -> list[Tally]:
    tones = [verdict.tone for verdict in shown]
    return [
        Tally(tone, words.TONES[tone], tones.count(tone), filters.address("/", state=tone, page=1))
        for tone in TONES
        if tone in tones
    ]
