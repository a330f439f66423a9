"""One notice as a mail shows it: the same words for the text and the HTML, and for the pages."""

from __future__ import annotations

from dataclasses import dataclass

from finops.model.finding import State, group_label
from finops.model.kind_profile import KindProfile
from finops.model.notice import Notice, NoticeReason
from finops_exporters import wording, words
from finops_exporters.changed import Moved, changed_of, leading_drivers
from finops_exporters.figures import figures_of, measured
from finops_exporters.headline import headline_of
from finops_exporters.reason import reason_of


@dataclass(frozen=True, slots=True)
class Section:
    """``title``: what kind of notice it is. ``tone``: the colour of the heading: a severity, or ``ok`` for a resolve,
    or ``unknown`` for a test. ``chart``: what its picture shows, empty without one; ``cid``: the picture's place in the
    mail."""

    title: str
    tone: str
    summary: str
    verdict: str
    note: str
    earlier: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    change: str
    drivers: tuple[Moved, ...]
    link: str
    costs: str
    chart: str = ""
    cid: str = ""


def section_of(notice: Notice, profile: KindProfile, *, chart: str = "", cid: str = "") -> Section:
    finding = notice.finding
    changed = changed_of(finding)
    rows = [
        *((one.label, f"{one.value} ({one.note})" if one.note else one.value) for one in figures_of(finding, profile)),
        ("Threshold", _threshold(notice, profile)),
        ("Period", words.period(finding.period)),
        ("Group", wording.plain(group_label(finding.group))),
        ("Owner", wording.plain(finding.owner)),
        ("Firing from" if notice.reason.ends else "Firing since", wording.minute(notice.since)),
        ("Amounts as of", wording.minute(finding.as_of)),
        ("Data complete through", wording.age_of_data(finding.complete_through, finding.as_of)),
        ("Policy", wording.plain(finding.policy)),
        ("Description", wording.plain(finding.description)),
        ("Finding", finding.id),
    ]
    return Section(
        title=title_of(notice, profile),
        tone=tone_of(notice),
        summary=headline_of(finding, profile),
        verdict=_plain(reason_of(finding, profile)),
        note=wording.plain(notice.note),
        earlier=wording.earlier(notice),
        rows=tuple((_plain(label), _plain(value)) for label, value in rows if value),
        change=_plain(changed.sentence) if changed is not None else "",
        drivers=tuple(leading_drivers(finding)),
        link=wording.safe_link(notice.link),
        costs=wording.safe_link(notice.costs),
        chart=chart,
        cid=cid,
    )


def title_of(notice: Notice, profile: KindProfile) -> str:
    """``Critical · Budget``, ``Resolved · Budget``, ``Critical · Budget · escalated``."""
    finding = notice.finding
    if notice.reason.ends:
        return " · ".join((wording.REASONS[notice.reason].capitalize(), profile.title))
    told = () if notice.reason is NoticeReason.FIRST else (wording.REASONS[notice.reason],)
    return " · ".join((words.state(finding), profile.title, *told))


def tone_of(notice: Notice) -> str:
    """A class of the pages' style sheet."""
    if notice.reason is NoticeReason.TEST:
        return State.UNKNOWN.value
    if notice.reason.ends or notice.finding.severity is None:
        return State.OK.value
    return notice.finding.severity.value


def _threshold(notice: Notice, profile: KindProfile) -> str:
    finding = notice.finding
    if finding.limit is None:
        return ""
    known = profile.measures.get(finding.measure)
    label = known.label.lower() if known is not None else finding.measure.replace("_", " ")
    return f"{label} {measured(finding, profile, finding.measure, finding.limit)}"


def _plain(text: str) -> str:
    """Mail programs break lines where they like; a glued blank in the text part only confuses searches."""
    return wording.plain(text.replace("\u00a0", " "))
