"""One notice as a mail shows it: the same words for the text and the HTML."""

from __future__ import annotations

from dataclasses import dataclass

from finops.model.finding import group_label
from finops.model.notice import Notice, NoticeReason
from finops_exporters import wording

_DRIVERS = 3
"""The largest services of a change; the page and ``finops explain`` tell more."""


@dataclass(frozen=True, slots=True)
class Section:
    """``tone``: the colour of the heading: a severity, or ``calm`` for a resolve, or ``test``. ``chart``: what its
    picture shows, empty without one; ``cid``: the picture's place in the mail."""

    title: str
    tone: str
    summary: str
    verdict: str
    note: str
    earlier: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    change: str
    drivers: tuple[tuple[str, str], ...]
    link: str
    chart: str = ""
    cid: str = ""


def section_of(notice: Notice, *, chart: str = "", cid: str = "") -> Section:
    finding = notice.finding
    severity = finding.severity.value if finding.severity else ""
    heading = wording.HEADINGS[notice.reason]
    if severity and not notice.reason.ends:
        heading = f"{heading} ({severity})"
    rows = [
        ("Policy", wording.plain(finding.policy)),
        ("Description", wording.plain(finding.description)),
        ("Group", wording.plain(group_label(finding.group))),
        ("Owner", wording.plain(finding.owner)),
        ("Period", wording.period(finding.period)),
        ("Data complete through", wording.age_of_data(finding.complete_through, finding.as_of)),
        ("Measured", f"{wording.plain(finding.measure)} {wording.measured(finding, finding.value)}"),
        ("Threshold", wording.measured(finding, finding.limit)),
        *((_label(name), wording.money(money)) for name, money in finding.amount.items()),
        ("Fired since" if notice.reason.ends else "Firing since", wording.minute(notice.since)),
        ("Verdict of", wording.minute(finding.as_of)),
        ("Kind", wording.plain(finding.kind)),
        ("Finding", finding.id),
    ]
    return Section(
        title=f"{heading}: {wording.plain(finding.policy)}",
        tone=tone_of(notice),
        summary=wording.headline(finding),
        verdict=wording.plain(finding.reason),
        note=wording.plain(notice.note),
        earlier=wording.earlier(notice),
        rows=tuple((label, value) for label, value in rows if value),
        change=wording.change(finding),
        drivers=tuple(
            (wording.driver(driver), wording.signed(driver.change, finding.currency))
            for driver in finding.drivers[:_DRIVERS]
        ),
        link=wording.safe_link(notice.link),
        chart=chart,
        cid=cid,
    )


def _label(name: str) -> str:
    words = wording.plain(name).replace("_", " ")
    return words[:1].upper() + words[1:]


def tone_of(notice: Notice) -> str:
    if notice.reason is NoticeReason.TEST:
        return "test"
    if notice.reason.ends or notice.finding.severity is None:
        return "calm"
    return notice.finding.severity.value
