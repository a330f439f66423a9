"""Pages of policies that are not live, as files: those of the service, with links that work without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape, unescape

from finops.model.finding import State, page_of
from finops.model.kind_profile import Profiles
from finops.model.operations import Operations
from finops.model.wording import count_text
from finops.ports.exporter import Document, Draft
from finops_exporters import words
from finops_exporters.pages.filters import Filters
from finops_exporters.pages.pictures import Pictures
from finops_exporters.pages.policy_list import PolicyList
from finops_exporters.pages.rendered import RenderedPages
from finops_exporters.pages.row import line_of
from finops_exporters.pages.site import Site
from finops_exporters.pages.snapshot_index import SnapshotIndex, Verdict
from finops_exporters.pages.verdict_page import verdict_page

_LINK = re.compile(r' (href|src|srcset)="(/[^"]*)"')
"""Every text is escaped, so that only an attribute has such quotes."""
_CHART = re.compile(r"/charts/(?P<place>[^/]+)/(?P<name>[^/]+)\.svg\?size=(?P<size>[a-z]+)(?P<dark>&theme=dark)?")


@dataclass(frozen=True, slots=True)
class _Note:
    """What each page says at its top. ``without_verdict``: names of policies."""

    said: str
    without_verdict: Sequence[str]


@dataclass(frozen=True, slots=True)
class _WouldSend:
    sent: str
    tone: str
    severity: str
    resolved: str
    firing: int
    reason: str


@dataclass(frozen=True, slots=True)
class _WouldAlert:
    short: str
    said: str
    alerts: Sequence[_WouldSend]


@dataclass(frozen=True, slots=True)
class _Facts:
    """``finops.ports.pages.ServiceFacts`` of the moment of the draft."""

    at: datetime
    lake_faults: tuple[str, ...]

    def now(self) -> datetime:
        return self.at

    def operations(self) -> Operations:
        return Operations(lake_faults=self.lake_faults)


def draft_files(draft: Draft, profiles: Profiles, assets: Mapping[str, Document]) -> Iterator[tuple[str, bytes]]:
    """``index.html``, a page for each verdict, and the ``assets`` and drawings that they show."""
    index = SnapshotIndex.of(draft.snapshot, profiles)
    unjudged = [words.shown(name) for name in index.policies if name not in index.by_policy]
    site, facts = Site(_Note(_said(draft, index), unjudged)), _Facts(draft.snapshot.as_of, draft.lake_faults)
    drawn = RenderedPages(site, Pictures(), index, profiles)
    files = {page_of(one.finding.policy, one.finding.group): f"{one.place}.html" for one in index.verdicts}
    policies, verdicts = count_text(len(index.policies), "policy", "policies"), len(index.verdicts)
    known = {one.place: _would_alert(draft, one).short for one in index.verdicts}
    listed = PolicyList(
        f"{policies}, {count_text(verdicts, 'verdict')}",
        [line_of(verdict, known) for verdict in index.verdicts],
        Filters.of({}),
        {},
        None,
    )
    first = site.page("policies.html", listed.headline, "policies", facts, index, listed=listed)
    yield "index.html", _linked(first.body, files, draft.service_url)
    for verdict in index.verdicts:
        shown = verdict_page(index, verdict, draft.days.get(verdict.place, ()), {})
        would = _would_alert(draft, verdict)
        page = site.page("verdict.html", verdict.title, "policies", facts, index, verdict=shown, would=would)
        yield f"{verdict.place}.html", _linked(page.body, files, draft.service_url)
        for wanted in sorted(set(_CHART.findall(unescape(page.body.decode())))):
            place, name, size, dark = wanted
            picture = drawn.chart(place, name, {"size": size, "theme": "dark" if dark else ""})
            if picture is not None:
                yield _picture(place, name, size, dark), picture.body
    yield from ((path.removeprefix("/static/"), asset.body) for path, asset in assets.items())


def _said(draft: Draft, index: SnapshotIndex) -> str:
    through = draft.billed_through
    bills = (
        f"bills reach {words.day(through)}, {words.age(through, index.today)}" if through else "there are no bills yet"
    )
    return (
        "Not live: no alert is sent, no metric is published and nothing is stored. "
        f"Evaluated as of {words.minute(draft.snapshot.as_of)}, and {bills}; ages count from that moment. "
        "This file does not change with the data."
    )


def _would_alert(draft: Draft, verdict: Verdict) -> _WouldAlert:
    alerts, days = draft.alerts.get(verdict.place, ()), draft.days.get(verdict.place, ())
    last = words.day(draft.period.end - timedelta(days=1))
    number, span, gaps = count_text(len(alerts), "alert"), count_text(draft.period.days, "day"), []
    if unknown := sum(day.state is State.UNKNOWN for day in days):
        gaps.append(f"{count_text(unknown, 'day')} unknown")
    if missing := draft.period.days - len(days):
        gaps.append(f"no verdict on {count_text(missing, 'day')}")
    return _WouldAlert(
        ", ".join((f"{number} in {span}", *gaps)),
        f"{', '.join((f'{number} in the {span} through {last}', *gaps))}.",
        [
            _WouldSend(
                words.day(one.first),
                one.severity.value,
                words.SEVERITIES[one.severity],
                words.day(one.resolved) if one.resolved else "",
                one.firing,
                words.sentence(one.reason, verdict.finding),
            )
            for one in reversed(alerts)
        ],
    )


def _picture(place: str, name: str, size: str, dark: str) -> str:
    return f"{place}-{name}-{size}{'-dark' if dark else ''}.svg"


def _linked(page: bytes, files: Mapping[str, str], service_url: str) -> bytes:
    """Links lead to files; those to other pages of the service lead there, or nowhere if it has no known address."""

    def target(found: re.Match[str]) -> str:
        address = unescape(found[2])
        chart = _CHART.fullmatch(address)
        path = address.split("?", maxsplit=1)[0]
        if chart is not None:
            address = _picture(*chart.groups(default=""))
        elif address in files:
            address = files[address]
        elif path.startswith("/static/"):
            address = path.removeprefix("/static/")
        elif path in {"/", "/policies"} or path.startswith("/policies/"):
            address = "index.html"
        elif service_url:
            address = service_url + address
        else:
            return ""
        return f' {found[1]}="{escape(address)}"'

    return _LINK.sub(target, page.decode()).encode()
