"""A change of policies as a Markdown comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from finops.app.evaluation.policy_diff import GroupChange, Outcome, PolicyDiff
from finops.model.finding import State, group_label
from finops.model.untrusted import one_line
from finops.model.wording import count_text

MARK = "<!-- finops policies diff -->"
"""The first line: by it a workflow finds the comment to update."""
_MOST_ROWS = 50
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|@#~&]")


def as_markdown(diff: PolicyDiff) -> str:
    """Empty where no policy changed."""
    return "" if diff.is_empty else "\n".join(_lines(diff)) + "\n"


def _lines(diff: PolicyDiff) -> Iterator[str]:
    days, last = diff.period.days, diff.period.end - timedelta(days=1)
    named = {"changed": diff.changed, "added": diff.added, "removed": diff.removed}
    yield MARK
    counts = [f"{len(names)} {what}" for what, names in named.items() if names]
    yield f"### Policies: {', '.join(counts)}"
    yield ""
    for what, names in named.items():
        if names:
            yield f"- {what}: {', '.join(map(_text, names))}"
    yield ""
    if not diff.groups:
        yield f"No verdict of the {count_text(days, 'day')} through {last} differs."
        return
    yield f"| Policy | Verdict on {last} | Alerts in {count_text(days, 'day')} | Unknown days |"
    yield "|---|---|---|---|"
    for one in diff.groups[:_MOST_ROWS]:
        yield _row(one)
    if len(diff.groups) > _MOST_ROWS:
        yield f"\n{count_text(len(diff.groups) - _MOST_ROWS, 'more group')} not shown."
    reasons = [one for one in diff.groups[:_MOST_ROWS] if one.after and one.after.now.state is not State.OK]
    if reasons:
        yield ""
    for one in reasons:
        assert one.after is not None  # noqa: S101 - chosen by it
        yield f"- {_name(one)}: {_text(one.after.now.reason)}"


def _row(one: GroupChange) -> str:
    cells = [_both(one, _verdict), _both(one, lambda it: str(it.alerts)), _both(one, lambda it: str(it.unknown))]
    return f"| {_name(one)} | {' | '.join(cells)} |"


def _both(one: GroupChange, shown: Callable[[Outcome], str]) -> str:
    before, after = ("none" if side is None else shown(side) for side in (one.before, one.after))
    return before if before == after else f"{before} → {after}"


def _verdict(outcome: Outcome) -> str:
    now = outcome.now
    return f"**firing** ({now.severity.value})" if now.severity and now.state is State.FIRING else now.state.value


def _name(one: GroupChange) -> str:
    label = group_label(one.group)
    return _text(one.policy) + (f" ({_text(label)})" if label else "")


def _text(text: str) -> str:
    """Names from bills stay text: no link, no mention, no end of a cell."""
    return _SPECIAL.sub(lambda it: f"&#{ord(it[0])};", one_line(text))
