"""Notices as a chat message: a title, and a few plain lines each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finops.model.finding import group_label
from finops.model.notice import Notice, NoticeReason
from finops_exporters import wording

MOST_NOTICES = 10
"""A chat message is read on a telephone; what is more is counted, with the link to all."""


_LOOK_ALIKES = str.maketrans(
    {"<": "‹", ">": "›", "*": "∗", "`": "ˋ", "[": "⟦", "]": "⟧", "~": "∼", "|": "∣", "@": "＠", "#": "＃", "!": "ǃ"}
)
"""What chats read as markup, mentions or pictures becomes a sign that looks alike and means nothing to them."""

_MOST_EARLIER = 5


def harmless(text: str) -> str:
    """Text of anybody for a chat: one line, no markup, nobody mentioned, no link to press."""
    return wording.plain(text).translate(_LOOK_ALIKES).replace("://", ":∕∕")


def title_of(notices: Sequence[Notice]) -> str:
    first = notices[0]
    mark = "[TEST] " if all(notice.reason is NoticeReason.TEST for notice in notices) else ""
    if len(notices) > 1:
        return f"{mark}finops: {len(notices)} alerts, first {harmless(wording.headline(first.finding))}"
    severity = first.finding.severity.value if first.finding.severity else ""
    heading = wording.HEADINGS[first.reason]
    return f"{mark}{heading}{f' ({severity})' if severity else ''}: {harmless(first.finding.policy)}"


def body_of(notices: Sequence[Notice], idempotency_key: str) -> str:
    blocks = ["\n".join(_lines(notice, alone=len(notices) == 1)) for notice in notices[:MOST_NOTICES]]
    if len(notices) > MOST_NOTICES:
        blocks.append(f"and {len(notices) - MOST_NOTICES} more: {_all_names(notices[MOST_NOTICES:])}")
    return "\n\n".join([*blocks, f"message {idempotency_key}"])


def _lines(notice: Notice, *, alone: bool) -> Iterator[str]:
    finding = notice.finding
    group = harmless(group_label(finding.group))
    if not alone:
        yield f"{wording.HEADINGS[notice.reason]}: {harmless(finding.policy)}"
    yield f"{harmless(wording.headline(finding))}{f' · {group}' if group else ''}"
    yield harmless(finding.reason)
    for driver in finding.drivers[:3]:
        change = wording.signed(driver.change, finding.currency)
        yield f"{change} {harmless(driver.value) or '(none)'}"
    yield f"owner {harmless(finding.owner)} · {wording.period(finding.period)}"
    yield f"data complete through {wording.age_of_data(finding.complete_through, finding.as_of)}"
    for said in wording.earlier(notice)[-_MOST_EARLIER:]:
        yield f"before: {harmless(said)}"
    if notice.note:
        yield harmless(notice.note)
    if link := wording.safe_link(notice.link):
        yield link


def _all_names(notices: Sequence[Notice]) -> str:
    return harmless(", ".join(dict.fromkeys(notice.finding.policy for notice in notices)))
