"""The test message."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from finops.alert import trial_notice
from finops.app.alerts.notify_test import send_test
from finops.errors import DeliveryFailed
from finops.model.notice import Notice, NoticeReason
from tests.support.verdicts import T0, MovableClock


def test_it_is_marked_and_travels_like_any_other() -> None:
    notice = trial_notice(T0, link="https://finops.example.com")

    assert notice.reason is NoticeReason.TEST
    assert Notice.from_stored({**notice.to_stored(), "finding": notice.finding.to_json()}) == notice


class Down:
    name, kind, most_notices = "hook", "webhook", None

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        raise DeliveryFailed("HTTP 503", where="receiver hook", remedy="It is retried automatically")


def test_nobody_is_told_that_a_test_is_sent_again() -> None:
    with pytest.raises(DeliveryFailed) as failed:
        send_test({"hook": Down()}, "hook", clock=MovableClock(), link="https://finops.example.com")

    assert (failed.value.what, failed.value.where) == ("HTTP 503", "receiver hook")
    assert "automatically" not in str(failed.value)
