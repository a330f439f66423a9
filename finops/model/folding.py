"""Notices that waited too long -> one for each alert: its newest state, and what happened in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from finops.model.message import OutgoingNotice
from finops.model.notice import Earlier, Notice, NoticeReason

MOST_EARLIER = 20
"""An alert that flapped through a long outage is told by its last changes."""


def folded(outgoing: Iterable[OutgoingNotice]) -> tuple[OutgoingNotice, ...]:
    """One notice an alert, the most urgent first. The arguments are of one receiver, in any order."""
    by_alert: dict[str, list[OutgoingNotice]] = {}
    for one in sorted(outgoing, key=lambda one: one.change):
        by_alert.setdefault(one.notice.alert_id, []).append(one)
    newest = (OutgoingNotice(own[-1].change, _newest([one.notice for one in own])) for own in by_alert.values())
    return tuple(sorted(newest, key=lambda one: urgency(one.notice)))


def urgency(notice: Notice) -> tuple[int, int, float, str, str]:
    """Sorts the worst and dearest first, what is over last."""
    finding = notice.finding
    money = finding.change.total if finding.change else None
    if money is None and "spent" in finding.amount:
        money = finding.amount["spent"].amount
    rank = finding.severity.rank if finding.severity else -1
    over = notice.reason.ends or notice.reason is NoticeReason.EXPIRES
    return int(over), -rank, -float(money or 0), finding.policy, finding.group_label


def _newest(notices: list[Notice]) -> Notice:
    """``notices``: of one alert, oldest first."""
    *before, last = notices
    if not before:
        return last
    missed = [*(one for notice in before for one in (*notice.earlier, _short(notice))), *last.earlier]
    # who never heard that it fires hears of it for the first time
    began = next((notice for notice in reversed(notices) if notice.reason is NoticeReason.FIRST), None)
    ended = [notice for notice in notices if notice.reason.ends]
    first = began is not None and not any(notice.at > began.at for notice in ended)
    reason = NoticeReason.FIRST if first and last.reason is not NoticeReason.EXPIRES else last.reason
    return replace(last, reason=reason, earlier=tuple(missed[-MOST_EARLIER:]))


def _short(notice: Notice) -> Earlier:
    reason, severity = notice.reason, notice.finding.severity
    if notice.earlier and reason is NoticeReason.FIRST and not notice.earlier[-1].reason.ends:
        # it was only first for a receiver that never got the one before it
        before = notice.earlier[-1].severity
        rises = severity is not None and before is not None and severity.rank > before.rank
        reason = NoticeReason.ESCALATED if rises else NoticeReason.REPEAT
    return Earlier(notice.at, reason, severity, notice.finding.reason)
