"""Many notices in one mail: a line for each of the first, a count of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from finops.model.kind_profile import Profiles
from finops.model.notice import Notice
from finops_exporters import wording
from finops_exporters.email.section import title_of, tone_of
from finops_exporters.headline import headline_of

MOST_DETAILED = 3
"""Told in full, with drivers; the others are a line each."""

_MOST_LINES = 25
_MOST_POLICIES = 10


@dataclass(frozen=True, slots=True)
class Line:
    heading: str
    tone: str
    summary: str
    link: str


@dataclass(frozen=True, slots=True)
class Digest:
    """``counts``: ``3 new, 1 resolved``. ``more``: what is in no line, by policy; empty when nothing is."""

    counts: str
    owner: str
    lines: tuple[Line, ...]
    more: str


def digest_of(notices: Sequence[Notice], profiles: Profiles) -> Digest | None:
    """None for a few, which are all told in full."""
    if len(notices) <= MOST_DETAILED:
        return None
    owners = {wording.plain(notice.finding.owner) for notice in notices}
    return Digest(
        counts_of(notices),
        owners.pop() if len(owners) == 1 else f"{len(owners)} owners",
        tuple(_line(notice, profiles) for notice in notices[:_MOST_LINES]),
        _more(notices[_MOST_LINES:]),
    )


def counts_of(notices: Sequence[Notice]) -> str:
    """``3 new, 1 resolved``, in the order of the notices."""
    counted = Counter(wording.REASONS[notice.reason] for notice in notices)
    return ", ".join(f"{count} {heading}" for heading, count in counted.items())


def _line(notice: Notice, profiles: Profiles) -> Line:
    profile = profiles.of(notice.finding.kind)
    return Line(
        title_of(notice, profile),
        tone_of(notice),
        wording.plain(headline_of(notice.finding, profile), 160),
        wording.safe_link(notice.link),
    )


def _more(notices: Sequence[Notice]) -> str:
    if not notices:
        return ""
    counted = Counter(wording.plain(notice.finding.policy, 60) for notice in notices).most_common()
    named = ", ".join(f"{count} of {policy}" for policy, count in counted[:_MOST_POLICIES])
    others = len(counted) - _MOST_POLICIES
    return f"And {len(notices)} more: {named}" + (f" and of {others} other policies" if others > 0 else "")
