"""What every receiver promises, over its real server."""

from __future__ import annotations

import logging
import os
import traceback
from urllib.parse import quote

import pytest

from finops.app.logs import configure_logs
from finops.errors import DeliveryFailed, DeliveryRefused, FinopsError
from finops.model.finding import State
from finops.model.notice import NoticeReason
from finops.ports.receiver import Receiver
from tests.contract.receivers.conftest import BENCHES, SECRET, Bench
from tests.support.verdicts import notice, verdict

KEY = "6f1c0f62-7f3a-5d5e-9d7b-1f6f4f6f0c11"
TABLE = [(kind, answer, outcome) for kind, bench in BENCHES.items() for answer, outcome in bench.answers.items()]
EXPECTED: dict[str, type[FinopsError]] = {"again": DeliveryFailed, "refused": DeliveryRefused}


def send(receiver: Receiver) -> str:
    return receiver.send([notice()], idempotency_key=KEY)


def no_secret_in(error: FinopsError) -> None:
    shown = "".join(traceback.format_exception(error))
    for text in (str(error), repr(error), error.what, error.where, error.remedy, shown):
        assert SECRET not in text
        assert "visible" not in text  # the query of a URL
        assert len(text.splitlines()) == 1 or text is shown


@pytest.mark.parametrize(("kind", "answer", "outcome"), TABLE)
def test_the_table_of_answers(bench: Bench, answer: str, outcome: str) -> None:
    bench.answer(answer)

    if outcome == "taken":
        told = send(bench.receiver())
        assert told
        assert len(told.splitlines()) == 1
        assert SECRET not in told
        return
    with pytest.raises(EXPECTED[outcome]) as caught:
        send(bench.receiver())
    assert answer[:3] in caught.value.what or not bench.says_why
    no_secret_in(caught.value)


def test_the_key_travels_with_the_message_and_is_the_same_each_time(bench: Bench) -> None:
    receiver = bench.receiver()
    send(receiver)
    send(receiver)

    assert [taken.key for taken in bench.taken()] == [KEY, KEY]


def test_what_is_told(bench: Bench) -> None:
    send(bench.receiver())

    [taken] = bench.taken()
    for fact in ("checkout-monthly", "team-checkout", "9,500.00", "12,000.00", "EUR", "29 %", "2026-03-17"):
        assert fact in taken.text or fact.replace(",", "") in taken.text


def test_several_notices_are_one_message(bench: Bench) -> None:
    findings = [verdict(policy=name) for name in ("one", "two", "three")]

    bench.receiver().send([notice(finding=finding) for finding in findings], idempotency_key=KEY)

    [taken] = bench.taken()
    assert all(finding.policy in taken.text for finding in findings)


@pytest.mark.parametrize("reason", NoticeReason)
def test_every_reason_can_be_told(bench: Bench, reason: NoticeReason) -> None:
    finding = verdict(State.OK) if reason is NoticeReason.RESOLVED else verdict()

    bench.receiver().send([notice(reason, finding, note="A sentence more.")], idempotency_key=KEY)

    [taken] = bench.taken()
    assert "A sentence more." in taken.text
    marked = "[TEST]" in taken.text or '"test":true' in taken.text
    assert marked == (reason is NoticeReason.TEST)


def test_text_from_strangers_changes_nothing(bench: Bench) -> None:
    tag = "x\r\nBcc: thief@example.com\r\n\r\n<script>alert(1)</script>\x00\u202e{{ 7*191 }}"
    hostile = verdict(group={"team": tag, "\r\nX-Evil": "1"}, owner=tag, reason=tag, policy=tag, description=tag)

    bench.receiver().send([notice(finding=hostile, link="javascript:alert(1)", note=tag)], idempotency_key=KEY)

    [taken] = bench.taken()
    assert taken.key == KEY
    assert "1337" not in taken.text


def test_a_server_that_hangs(bench: Bench) -> None:
    bench.hang()

    with pytest.raises(DeliveryFailed) as caught:
        send(bench.receiver())

    no_secret_in(caught.value)


def test_a_port_that_nobody_listens_on(bench: Bench, closed_port: int) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        send(bench.receiver_of(host="127.0.0.1", port=closed_port))

    assert "connection" in caught.value.what
    no_secret_in(caught.value)


def test_a_host_that_does_not_exist(bench: Bench) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        send(bench.receiver_of(host="finops.invalid", port=9))

    assert "connection" in caught.value.what
    no_secret_in(caught.value)


def test_a_secret_that_is_not_set_can_be_repaired(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = bench.receiver()
    secret = os.environ["BENCH_SECRET"]
    monkeypatch.delenv("BENCH_SECRET")

    with pytest.raises(DeliveryFailed, match="BENCH_SECRET"):
        send(receiver)

    monkeypatch.setenv("BENCH_SECRET", secret)
    assert send(receiver)


def test_no_log_holds_the_secret(bench: Bench, closed_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    configure_logs("text", verbose=2)
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)  # the test's own server
    try:
        send(bench.receiver())
        with pytest.raises(DeliveryFailed):
            send(bench.receiver_of(host="127.0.0.1", port=closed_port))
        root.info("the end")
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]

    log = capsys.readouterr().err
    assert "the end" in log
    for secret in (SECRET, quote(SECRET), "visible"):
        assert secret not in log


def test_nothing_shows_the_secret(bench: Bench) -> None:
    receiver = bench.receiver()

    assert SECRET not in repr(receiver) + repr(vars(receiver))
