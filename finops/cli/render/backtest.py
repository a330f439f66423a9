"""A backtest as a table for terminals, and JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from rich.table import Table
from rich.text import Text

from finops.app.evaluation.backtest import Backtest
from finops.evaluate.backtest import DayVerdict, GroupDays
from finops.model.finding import State, group_label
from finops.model.wording import count_text

_DAY = timedelta(days=1)


def backtest_as_table(tested: Backtest) -> Table:
    """A row a group: on how many days it fired, each alert with its days and why, and the days that were unknown."""
    table = Table(title=f"Backtest, {_span(*_ends(tested))}", title_justify="left", show_lines=True, expand=True)
    table.add_column("Policy", overflow="fold", ratio=1)
    table.add_column("Days", no_wrap=True)
    table.add_column("When and why", overflow="fold", ratio=3)
    for one in tested.groups:
        counts = {state: sum(verdict.state is state for verdict in one.days) for state in State}
        days = "\n".join(f"{count} {state.value}" for state, count in counts.items() if count)
        told = Text("\n").join([*_alerts(one), *_unknown(one)] or [Text("never fired", style="dim")])
        label = group_label(one.group)
        table.add_row(Text(one.policy.name + (f"\n{label}" if label else "")), days, told)
    table.caption, table.caption_justify = _basis(tested), "left"
    return table


def backtest_as_json(tested: Backtest) -> str:
    """An object: the period, and each group with its alerts and its verdict of each day. Amounts of time are days."""
    document = {
        "period": {"from": tested.period.start.isoformat(), "to": tested.period.end.isoformat()},
        "days_on_what_was_known_then": len(tested.then),
        "days_on_final_data": tested.period.days - len(tested.then),
        "groups": [
            {
                "policy": one.policy.name,
                "kind": one.policy.kind,
                "owner": one.policy.owner,
                "group": dict(one.group),
                "alerts": [
                    {
                        "from": episode.first.isoformat(),
                        "resolved": episode.resolved.isoformat() if episode.resolved else None,
                        "severity": episode.severity.value,
                        "days_firing": episode.firing,
                        "reason": episode.reason,
                    }
                    for episode in one.episodes
                ],
                "days": [
                    {
                        "day": verdict.day.isoformat(),
                        "state": verdict.state.value,
                        "severity": verdict.severity.value if verdict.severity else None,
                        "value": verdict.value,
                        "reason": verdict.reason,
                        "data": "known then" if verdict.then else "final",
                    }
                    for verdict in one.days
                ],
            }
            for one in tested.groups
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False)


def _alerts(one: GroupDays) -> Iterator[Text]:
    for episode in one.episodes:
        until = f"resolved {episode.resolved}" if episode.resolved else "still firing"
        days = count_text(episode.firing, "day")
        yield Text.assemble(
            (f"alert {episode.first}, {episode.severity.value}", "bold red"), f", {until}, {days}: {episode.reason}"
        )


def _unknown(one: GroupDays) -> Iterator[Text]:
    """Days that follow one another with one reason are one line; a reason changes its numbers, so the first stands."""
    for state, together in groupby(one.days, key=lambda verdict: verdict.state):
        days: Sequence[DayVerdict] = list(together)
        if state is State.UNKNOWN:
            span = _span(days[0].day, days[-1].day)
            yield Text.assemble((f"unknown {span}", "yellow"), f", {count_text(len(days), 'day')}: {days[0].reason}")


def _basis(tested: Backtest) -> str:
    final = tested.period.days - len(tested.then)
    parts = []
    if tested.then:
        parts.append(
            f"{count_text(len(tested.then), 'day')} on what was known then ({_span(tested.then[0], tested.then[-1])})"
        )
    if final:
        why = "the lake has no version of them: late and restated bills are in them as they are now"
        parts.append(f"{count_text(final, 'day')} on final data ({why})")
    return "Judged at the end of each day: " + "; ".join(parts) + "."


def _ends(tested: Backtest) -> tuple[date, date]:
    return tested.period.start, tested.period.end - _DAY


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} through {last}"
