"""The history of incidents: what each cost above its expectation, how it ended, and what people did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from finops.model.alert import AlertChange
from finops.model.finding import page_of
from finops.model.incident import Incident, IncidentEnd
from finops.model.period import Period
from finops.model.wording import count_text
from finops.ports.incidents import IncidentFilter, IncidentRecord
from finops.ports.pages import PageFacts
from finops_exporters import words
from finops_exporters.pages.alert_page import EVENTS
from finops_exporters.pages.filters import Choice, Filters, Pages, choices_of, part_of

_PATH = "/incidents"
_PER_PAGE = 50
_ENDS = {
    None: ("Open", "warning"),
    IncidentEnd.RETURNED: ("Cost returned", "ok"),
    IncidentEnd.ACCEPTED: ("New level accepted", "ok"),
    IncidentEnd.WITHDRAWN: ("Withdrawn", "unknown"),
}
_STATES = {"open": "Open", "ended": "Ended"}


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """``address``: of its alert, or of its verdict where it made none. ``days``: the first and last; of an open one, up
    to the last settled day. ``why``: in whose words it ended."""

    address: str
    name: str
    group: Sequence[tuple[str, str]]
    owner: str
    days: str
    lasting: str
    excess: str
    peak: str
    peak_day: str
    end: str
    tone: str
    why: str
    done: Sequence[str]


@dataclass(frozen=True, slots=True)
class IncidentList:
    headline: str
    lines: Sequence[IncidentLine]
    pages: Pages | None
    policies: Sequence[Choice]
    states: Sequence[Choice]
    group: str
    are_filtered: bool


def incident_list(facts: PageFacts, query: Mapping[str, str]) -> IncidentList:
    """``query``: ``policy``, ``group`` (part of it), ``state`` (``open``, ``ended``) and ``page``."""
    given = {key: query.get(key, "")[:200] for key in ("policy", "group", "state")}
    is_open = {"open": True, "ended": False}.get(given["state"])
    wanted = IncidentFilter(policy=given["policy"], group=given["group"], open=is_open)
    _, total = facts.incidents(wanted, limit=1, offset=0)
    pages, offset = part_of(total, Filters.of(query).page, _PER_PAGE, lambda page: _address(given, page))
    records, _ = facts.incidents(wanted, limit=_PER_PAGE, offset=offset)
    still_open = total if is_open else 0 if is_open is False else _open(facts, wanted)
    return IncidentList(
        headline=_headline(total, still_open),
        lines=[incident_line(record) for record in records],
        pages=pages,
        policies=choices_of({name: words.shown(name) for name in facts.incident_policies()}, given["policy"]),
        states=[Choice(value, shown, value == given["state"]) for value, shown in _STATES.items()],
        group=given["group"],
        are_filtered=any(given.values()),
    )


def _open(facts: PageFacts, wanted: IncidentFilter) -> int:
    return facts.incidents(IncidentFilter(wanted.policy, wanted.group, open=True), limit=1, offset=0)[1]


def incidents_address(incident: Incident) -> str:
    """Those of its policy and group."""
    return _address({"policy": incident.policy, "group": incident.group_label})


def _address(given: Mapping[str, str], page: int = 1) -> str:
    told = {key: value for key, value in given.items() if value} | ({"page": str(page)} if page > 1 else {})
    return f"{_PATH}?{urlencode(told)}" if told else _PATH


def _headline(total: int, still_open: int) -> str:
    if not total:
        return "No incidents"
    return (
        f"{count_text(total, 'incident')}, {still_open} open"
        if still_open
        else f"{count_text(total, 'incident')}, none open"
    )


def incident_line(record: IncidentRecord) -> IncidentLine:
    one = record.incident
    end, tone = _ENDS[one.end]
    whole = Period(one.since, one.last + timedelta(days=1))
    by = f"By {words.shown(one.actor)}: " if one.actor else ""
    return IncidentLine(
        address=f"/alerts/{one.alert_id}" if record.alerted else page_of(one.policy, one.group),
        name=words.shown(one.policy),
        group=[(words.shown(key), words.shown(value)) for key, value in sorted(one.group.items())],
        owner=words.shown(one.owner, 60),
        days=words.period(whole),
        lasting=count_text(whole.days, "day"),
        excess=words.signed_money(one.excess),
        peak=words.money(one.peak),
        peak_day=words.day(one.peak_day),
        end=end,
        tone=tone,
        why=f"{by}{words.sentence(one.reason)}" if one.reason else "",
        done=[_done(change) for change in record.done],
    )


def _done(change: AlertChange) -> str:
    note = f": {words.shown(change.note, 300)}" if change.note else ""
    return f"{EVENTS[change.reason]} by {words.shown(change.actor)}, {words.minute(change.at)}{note}"
