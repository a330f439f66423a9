"""A policy's numbers by day, as lines with a small chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from rich.text import Text

from finops.app.evaluation.backtest import Backtest
from finops.app.evaluation.preview import threshold_for, times_beyond
from finops.evaluate.backtest import GroupDays
from finops.model.finding import State, group_label
from finops.model.unit import Unit
from finops.model.untrusted import one_line
from finops.model.wording import count_text
from finops.policy.when import threshold_text

_LEVELS = "▁▂▃▄▅▆▇█"
_WIDEST = 60


def as_text(tested: Backtest, *, fires: int) -> Text:
    """A block for each group: each measure that an alert names, with its numbers, its chart and its alerts."""
    last = tested.period.end - timedelta(days=1)
    return Text("\n").join(
        line for one in tested.groups for line in _group(one, f"{tested.period.days} days through {last}", fires)
    )


def _group(one: GroupDays, span: str, fires: int) -> Iterator[Text]:
    label = group_label(one.group)
    yield Text(f"{one.policy.name}{f' [{one_line(label)}]' if label else ''}, {span}", "bold")
    counts = ", ".join(f"{count} {state.value}" for state in State if (count := _count(one, state)))
    yield Text(f"  {counts}; fired {count_text(len(one.episodes), 'time')}")
    for measure in dict.fromkeys(alert.measure for alert in one.policy.spec.envelope.alerts):
        yield from _measure(one, measure, fires)
    for episode in one.episodes:
        until = f"resolved {episode.resolved}" if episode.resolved else "still firing"
        yield Text(f"  fired {episode.first} ({episode.severity.value}), {until}: {episode.reason}", "red")
    unknown = [verdict for verdict in one.days if verdict.state is State.UNKNOWN]
    if unknown:
        yield Text(
            f"  unknown on {count_text(len(unknown), 'day')}, last {unknown[-1].day}: {unknown[-1].reason}", "yellow"
        )


def _measure(one: GroupDays, measure: str, fires: int) -> Iterator[Text]:
    profile = one.policy.spec.profile.measures[measure]
    unit = profile.units[0]
    values = [verdict.measures.get(measure) for verdict in one.days]
    known: list[tuple[float, date]] = [
        (value, verdict.day) for value, verdict in zip(values, one.days, strict=True) if value is not None
    ]
    if not known:
        yield Text(f"  {measure}: no number on any day", "dim")
        return
    (low, low_day), (high, high_day), (now, now_day) = min(known), max(known), known[-1]
    yield Text(
        f"  {measure}: lowest {_number(low, unit)} ({low_day}), highest {_number(high, unit)} ({high_day}), "
        f"latest {_number(now, unit)} ({now_day})"
    )
    yield Text(f"  {_chart(values)}", "cyan")
    for alert in (alert for alert in one.policy.spec.envelope.alerts if alert.measure == measure):
        if alert.unit is unit:
            proposed = threshold_for(values, fires, upward=alert.upward)
            if proposed is not None:
                count = times_beyond(values, proposed, upward=alert.upward)
                yield Text(
                    f"  {alert.comparison} {threshold_text(alert)} ({alert.severity.value}) as written; "
                    f"{alert.comparison} {_number(proposed, unit)} would have been crossed {count_text(count, 'time')}",
                    "dim",
                )


def _count(one: GroupDays, state: State) -> int:
    return sum(verdict.state is state for verdict in one.days)


def _chart(values: Sequence[float | None]) -> str:
    """A block a day, or a block for several days with the highest of them; a blank where there is no number."""
    step = -(-len(values) // _WIDEST)
    parts = [values[at : at + step] for at in range(0, len(values), step)]
    points = [max((value for value in part if value is not None), default=None) for part in parts]
    known = [point for point in points if point is not None]
    low, high = min(known), max(known)
    scale = (len(_LEVELS) - 1) / (high - low) if high > low else 0.0
    return "".join(" " if point is None else _LEVELS[round((point - low) * scale)] for point in points)


def _number(value: float, unit: Unit) -> str:
    return f"{value:.1%}" if unit is Unit.SHARE else f"{value:,.2f}"
