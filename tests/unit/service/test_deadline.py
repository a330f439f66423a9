"""A peer that drips its answer costs a deadline, not a thread that others wait for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from finops.app.clock import SystemClock
from finops.errors import DeadlineExceeded, DeliveryFailed
from finops.model.notice import Notice
from finops.service.deadline import MOST_LEFT_BEHIND, BoundedReceiver, within
from finops_exporters.email import Email, EmailOptions
from tests.support.profiles import PROFILES
from tests.support.verdicts import notice


def test_what_is_in_time_comes_back_as_it_is() -> None:
    assert within(30, lambda: "answer", where="here") == "answer"
    with pytest.raises(ZeroDivisionError):
        within(30, lambda: 1 / 0, where="here")
    with pytest.raises(TimeoutError, match="its own"):
        within(30, _times_out, where="here")


def test_what_is_late_raises_while_it_goes_on() -> None:
    may_end = threading.Event()
    with pytest.raises(DeadlineExceeded, match="no complete response within"):
        within(0.01, may_end.wait, where="here")
    may_end.set()


def test_a_mail_server_that_drips_its_greeting_is_a_failed_delivery(tmp_path: Path) -> None:
    with dripping() as port:
        options = {"from": "a@example.com", "to": ["b@example.com"]}
        smtp = {"host": "127.0.0.1", "port": port, "security": "none"}
        email = Email.from_options(
            "finance",
            EmailOptions.model_validate({**options, "smtp": smtp}),
            base=tmp_path,
            clock=SystemClock(),
            profiles=PROFILES,
        )
        with pytest.raises(DeliveryFailed, match="receiver finance: no complete response within"):
            BoundedReceiver(email, seconds=0.2).send([notice()], idempotency_key="one")


def test_messages_that_hang_do_not_pile_up() -> None:
    may_end, sent = threading.Event(), threading.Semaphore(0)

    class Stuck:
        name = kind = "stuck"
        most_notices = None

        def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
            assert may_end.wait(30)
            sent.release()
            return "accepted"

    receiver = BoundedReceiver(Stuck(), seconds=0.01)
    for number in range(MOST_LEFT_BEHIND):
        with pytest.raises(DeliveryFailed, match="no complete"):
            receiver.send([notice()], idempotency_key=str(number))
    with pytest.raises(DeliveryFailed, match="earlier messages still hang"):
        receiver.send([notice()], idempotency_key="one more")

    may_end.set()
    assert all(sent.acquire(timeout=30) for _ in range(MOST_LEFT_BEHIND))
    assert not sent.acquire(blocking=False)  # the one that was refused was never sent


@contextmanager
def dripping() -> Iterator[int]:
    """A port that sends a byte at a time and never ends its line, so that no read ever times out."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                while not stopped.wait(0.02):
                    try:
                        connection.sendall(b"2")
                    except OSError:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stopped.set()
            thread.join(30)


def _times_out() -> None:
    raise TimeoutError("its own")
