"""A verdict in one plain sentence, for subjects of mails and titles of chats: ``Checkout is 2,745 EUR over its November
budget (123 %)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from finops.model.finding import Finding, State
from finops.model.kind_profile import KindProfile, fill
from finops.model.money import Money
from finops.model.notice import Notice, NoticeReason
from finops_exporters import words
from finops_exporters.figures import figures_of, measured, told

_LONGEST = 60
"""Characters of each name: a subject is read on a telephone."""
_PERIODS = frozenset({"daily", "weekly", "monthly", "quarterly", "yearly", "annual"})
_A_WORD = re.compile(r"^[a-z](?=[a-z]*[ ,:])")
_ANY_MEASURE = "{name}: {label} {value}[, threshold {threshold}]"
_UNKNOWN = "{name} has no verdict[: {reason}]"

PREFIXES = {
    NoticeReason.FIRST: "",
    NoticeReason.ESCALATED: "Escalated",
    NoticeReason.DEESCALATED: "Eased",
    NoticeReason.REPEAT: "Reminder",
    NoticeReason.RESOLVED: "Resolved",
    NoticeReason.WITHDRAWN: "Withdrawn",
    NoticeReason.EXPIRES: "Suppression ends",
    NoticeReason.TEST: "",
}
"""What is said before a headline, by the reason of a notice."""


def headline_of(finding: Finding, profile: KindProfile) -> str:
    """The first template of the kind that can be filled; a kind without any is told by the measure that fired."""
    measure = profile.measures.get(finding.measure)
    own = {
        State.OK: profile.calm_headline,
        State.FIRING: measure.headline if measure is not None else "",
        State.UNKNOWN: _UNKNOWN,
    }[finding.state]
    value = _values(finding, profile)
    told_as = (*(profile.headlines if finding.state is not State.UNKNOWN else ()), own, _ANY_MEASURE)
    sentence = next((text for template in told_as if (text := fill(template, value))), "")
    # a team is a word, aws-prod an identifier
    return words.shown(_A_WORD.sub(lambda found: found[0].upper(), sentence, count=1), 300)


def subject_of(notice: Notice, profile: KindProfile) -> str:
    """``Escalated to critical: Checkout is …``; the first notice of an alert is its headline alone."""
    prefix = PREFIXES[notice.reason]
    severity = notice.finding.severity
    headline = headline_of(notice.finding, profile)
    if severity and notice.reason in {NoticeReason.ESCALATED, NoticeReason.DEESCALATED}:
        prefix = f"{prefix} to {words.SEVERITIES[severity].lower()}"
    return f"{prefix}: {headline}" if prefix else headline


def mark_of(notices: Sequence[Notice]) -> str:
    """``[TEST] `` before the subject of a message that nobody has to act on."""
    return "[TEST] " if all(notice.reason is NoticeReason.TEST for notice in notices) else ""


def figures_in_words(finding: Finding, profile: KindProfile) -> str:
    """``Spent 9,500.00 EUR (79 % of the budget) · Budget 12,000.00 EUR (March 2026)``: those of the page, on a line."""
    told_of = (f"{one.label} {one.value}{f' ({one.note})' if one.note else ''}" for one in figures_of(finding, profile))
    return words.shown(" · ".join(told_of), 600)


def name_of(finding: Finding, profile: KindProfile) -> str:
    """Who or what the verdict is about: ``checkout`` of a policy ``checkout-monthly``, or the values of the group with
    the policy behind them, ``search, Amazon EC2 (unusual-days)``."""
    policy = words.shown(finding.policy, _LONGEST)
    if not finding.group:
        return _without_kind(policy, profile)
    # our own dimensions (team) before columns of FOCUS (ServiceName)
    values = [
        words.shown(finding.group[key], _LONGEST) or f"no {words.shown(key, _LONGEST)}"
        for key in sorted(finding.group, key=lambda key: (key[:1].isupper(), key))
    ]
    return f"{', '.join(values[:3])} ({policy})"


def _without_kind(policy: str, profile: KindProfile) -> str:
    """The words of the name, without those at its end that the sentence says again: its period, its kind."""
    said = _PERIODS | {word.lower() for word in re.findall(r"[A-Z][a-z]+", profile.kind)}
    parts = re.split(r"[-_ ]+", policy)
    while len(parts) > 1 and parts[-1].lower() in said:
        parts.pop()
    return " ".join(parts)


def _values(finding: Finding, profile: KindProfile) -> Callable[[str], str | None]:
    value = told(finding, profile)
    known, limit = (
        measured(finding, profile, finding.measure, one) if one is not None else None
        for one in (finding.value, finding.limit)
    )
    own = {
        "name": name_of(finding, profile),
        "period.short": _short_period(finding),
        "label": _label(finding, profile),
        "value": known or "unknown",
        "threshold": limit,
        "reason": words.shown(finding.reason) or None,
    }

    def headline_value(name: str) -> str | None:
        of, _, key = name.partition(".")
        amount = finding.amount.get(key)
        if of == "below_zero":
            return words.whole_money(Money(-amount.amount, amount.currency)) if amount and amount.amount < 0 else None
        if of == "amount" and amount is not None and abs(amount.amount) >= 1:
            return words.whole_money(amount)
        return own[name] if name in own else value(name)

    return headline_value


def _label(finding: Finding, profile: KindProfile) -> str:
    known = profile.measures.get(finding.measure)
    return known.label.lower() if known is not None else words.shown(finding.measure).replace("_", " ")


def _short_period(finding: Finding) -> str | None:
    """``November`` while nobody can take it for that of another year, else with its year; ``January to March``. None
    for a span that has no short name."""
    span, last = finding.period, finding.period.end - timedelta(days=1)
    is_near = -_A_QUARTER < (last - finding.as_of.date()).days < 2 * _A_QUARTER
    if is_near and span.start.day == 1 and span.end.day == 1 and span.days <= _A_QUARTER:
        return " to ".join(dict.fromkeys((f"{span.start:%B}", f"{last:%B}")))
    name = words.period(span)
    return name if " to " not in name else None


_A_QUARTER = 92
