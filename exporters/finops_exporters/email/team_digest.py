"""The weekly digest of a team as one mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import quote

from finops.model.cost_links import RESOURCES, scope_of_line
from finops.model.cost_question import Compare, CostQuestion, Every
from finops.model.finding import Finding, State
from finops.model.kind_profile import Profiles
from finops.model.money import Money, added
from finops.model.team_bill import TeamBill, TeamLine
from finops.model.team_digest import TeamDigest
from finops.model.wording import count_text
from finops_exporters import wording, words
from finops_exporters.advice import advice_of
from finops_exporters.email.compose import TONES, addressed, fill
from finops_exporters.figures import figures_of
from finops_exporters.headline import headline_of

_MOST, _STEPS = 6, 2
"""Drivers, alerts and budgets each: a digest is read in a minute."""
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DriverLine:
    change: str
    what: str
    note: str
    link: str


@dataclass(frozen=True, slots=True)
class ToDo:
    """``advice``: the next step, empty where the headline is all."""

    heading: str
    tone: str
    headline: str
    advice: str
    link: str


def compose_digest(
    digest: TeamDigest,
    *,
    site: str,
    sender: Address,
    to: Sequence[Address],
    idempotency_key: str,
    sent_at: datetime,
    profiles: Profiles,
) -> EmailMessage:
    """Text and HTML with the same content; the same arguments give the same bytes. ``site``: the address of the
    service, without a slash at its end."""
    message = addressed(subject_of(digest), sender=sender, to=to, idempotency_key=idempotency_key, sent_at=sent_at)
    week = digest.week
    todo = list(_todo(digest, site, profiles))
    facts = {
        "subject": message["Subject"],
        "title": f"Weekly digest of {wording.plain(week.team.name)}",
        "headline": _headline(digest),
        "compared": _plain(words.period(week.compared)),
        "missing": [_plain(words.sentence(one)) for one in digest.missing],
        "drivers": [_driver(week, line, site) for line in week.drivers[:_MOST]],
        "others": _others(week),
        "todo": todo,
        "rows": [(label, _plain(value)) for label, value in _rows(digest) if value],
        "link": wording.safe_link(f"{site}/teams/{quote(week.team.name, safe='')}"),
        "tones": TONES,
        "tone": todo[0].tone if todo else "ok",
    }
    fill(message, "digest", facts, idempotency_key=idempotency_key)
    return message


def subject_of(digest: TeamDigest) -> str:
    """``Checkout spent 5,107 EUR in the week to 27 November, 312 EUR more (+6.5 %); 1 budget is over``."""
    over = sum(1 for one in digest.month.budgets if _is_over(one.amount.get("remaining")))
    budgets = f"; {count_text(over, 'budget')} {'is' if over == 1 else 'are'} over" if over else ""
    incomplete = "Data incomplete: " if digest.missing else ""
    return f"{incomplete}{_headline(digest)}{budgets}"


def _headline(digest: TeamDigest) -> str:
    week = digest.week
    name = wording.plain(week.team.name, 60)
    name = f"{name[:1].upper()}{name[1:]}" if name.isalpha() else name
    last = week.period.end - timedelta(days=1)
    to = f"the week to {last.day} {last:%B}"
    if week.total is None:
        return f"{name}: the cost of {to} is unknown"
    spent = _plain(words.whole_money(Money(week.total, week.currency)))
    return f"{name} spent {spent} in {to}{_against(week.total, week.before, week.currency)}"


def _against(total: Decimal, before: Decimal | None, currency: str) -> str:
    if before is None:
        return ""
    change = total - before
    if not change:
        return ", as in the week before"
    share = f" ({_plain(words.growth(float(change / before)))})" if before > 0 else ""
    amount = _plain(words.whole_money(Money(abs(change), currency)))
    return f", {amount} {'more' if change > 0 else 'less'}{share}"


def _is_over(remaining: Money | None) -> bool:
    return remaining is not None and remaining.amount < 0


def _driver(week: TeamBill, line: TeamLine, site: str) -> DriverLine:
    note = f"allocated by {line.allocation} from {line.origin or '(none)'}" if line.allocation else "direct"
    scope = scope_of_line(week, line)
    days = week.period
    question = CostQuestion(days.start, days.end, RESOURCES, Every.ALL, scope=scope, compare=Compare.PREVIOUS)
    return DriverLine(
        _signed(line.change, week.currency),
        wording.plain(f"{line.service or '(none)'}, account {line.account or '(none)'}", 160),
        wording.plain(f"{note}, {_money(line.amount, week.currency)} in the week", 160),
        wording.safe_link(f"{site}{question.address}"),
    )


def _others(week: TeamBill) -> str:
    others = week.drivers[_MOST:]
    if not others:
        return ""
    return f"{count_text(len(others), 'other line')}: {_signed(added(one.change for one in others), week.currency)}"


def _todo(digest: TeamDigest, site: str, profiles: Profiles) -> Iterator[ToDo]:
    told = set()
    for alert in digest.alerts[:_MOST]:
        finding, profile = alert.finding, profiles.of(alert.finding.kind)
        told.add((finding.policy, finding.group_label))
        known = f" (acknowledged by {wording.plain(alert.acknowledged.actor, 60)})" if alert.acknowledged else ""
        yield ToDo(
            f"{words.state(finding)}{known}",
            words.tone(finding),
            _plain(headline_of(finding, profile)),
            _plain(" ".join(advice_of(finding, profile, None)[:-1][:_STEPS])),  # the last is how to accept it
            wording.safe_link(f"{site}/alerts/{alert.id}"),
        )
    if len(digest.alerts) > _MOST:
        yield ToDo("", "unknown", f"{count_text(len(digest.alerts) - _MOST, 'more alert')}", "", f"{site}/alerts")
    budgets = [one for one in digest.budgets if (one.policy, one.group_label) not in told]
    for finding in budgets[:_MOST]:
        profile = profiles.of(finding.kind)
        figures = " · ".join(f"{one.label} {one.value}" for one in figures_of(finding, profile)[:3])
        yield ToDo(
            words.state(finding),
            words.tone(finding),
            _plain(_near(finding) if finding.state is State.OK else headline_of(finding, profile)),
            _plain(figures),
            wording.safe_link(f"{site}{finding.page}"),
        )


def _near(budget: Finding) -> str:
    """Of a budget that no threshold of its policy has told of."""
    spent, limit, forecast = budget.measures.get("spent"), budget.amount.get("limit"), budget.amount.get("forecast")
    share = f"{words.percent(spent)} of the budget is spent" if spent is not None else "the budget needs a look"
    over = limit is not None and forecast is not None and forecast.amount > limit.amount
    return f"{wording.plain(budget.policy, 80)}: {share}{', and the forecast is over it' if over else ''}"


def _rows(digest: TeamDigest) -> Iterator[tuple[str, str]]:
    week, month = digest.week, digest.month
    yield "Week", words.period(week.period)
    yield "Compared with", words.period(week.compared)
    yield "Direct", _money(added(line.amount for line in week.direct), week.currency)
    yield "Allocated", _money(added(line.amount for line in week.allocated), week.currency)
    yield "Total", _money(week.total, week.currency)
    yield "Change", _signed(week.change, week.currency)
    yield f"{month.month:%B} to date", _money(month.total, month.currency)
    yield "Cost centre", wording.plain(week.team.cost_centre, 60)
    yield "Settled through", _day(week.settled_through)
    yield "Amounts as of", words.minute(week.made_at)


def _day(day: date | None) -> str:
    return words.day(day) if day is not None else "no day"


def _money(amount: Decimal | None, currency: str) -> str:
    return words.money(Money(amount, currency)) if amount is not None else _UNKNOWN


def _signed(amount: Decimal | None, currency: str) -> str:
    return _plain(words.signed_money_of(amount, currency)) if amount is not None else _UNKNOWN


def _plain(text: str) -> str:
    """Mail programs break lines where they like; a glued blank in the text part only confuses searches."""
    return wording.plain(text.replace("\u00a0", " "), 600)
