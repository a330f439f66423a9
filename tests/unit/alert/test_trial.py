"""The test message."""

from __future__ import annotations

from finops.alert import trial_notice
from finops.model.notice import Notice, NoticeReason
from tests.unit.alert.verdicts import T0


def test_it_is_marked_and_travels_like_any_other() -> None:
    notice = trial_notice(T0, link="https://finops.example.com")

    assert notice.reason is NoticeReason.TEST
    assert Notice.from_stored({**notice.to_stored(), "finding": notice.finding.to_json()}) == notice
