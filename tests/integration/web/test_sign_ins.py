"""Guessing gets slower and slower, is written down, and locks nobody else out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from finops.config.http_model import Auth
from finops.web import Access
from finops.web.edge.refusals import Refusal, Refusals
from finops.web.edge.sign_ins import FREE_ATTEMPTS, LONGEST_PAUSE_SECONDS, Attempt, SignIns, SignInsPaused
from tests.integration.web.project import make_project
from tests.integration.web.served import CLOCK, published
from tests.support.snapshots import evaluation, operations, snapshot

HOME, AWAY = "192.0.2.1", "198.51.100.9"


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def sign_ins(time: Time) -> SignIns:
    return SignIns(monotonic=time)


def password(name: str, secret: object, address: str = AWAY) -> Attempt:
    return Attempt(address, "basic", name.encode(), f"{name}:{secret}".encode())


def token(secret: object, address: str = AWAY) -> Attempt:
    return Attempt(address, "bearer", b"", str(secret).encode())


def fails(sign_ins: SignIns, attempt: Attempt) -> bool:
    """Whether it was compared, in vain."""
    try:
        sign_ins.check(attempt)
    except SignInsPaused:
        return False
    sign_ins.failed(attempt, "")
    return True


def pause(sign_ins: SignIns, attempt: Attempt) -> float:
    try:
        sign_ins.check(attempt)
    except SignInsPaused as paused:
        return paused.seconds
    return 0.0


@pytest.mark.parametrize(
    "guess", [token, lambda number: password("anna", number), lambda number: password(str(number), 0)]
)
def test_guesses_from_one_address_get_slower(sign_ins: SignIns, time: Time, guess: Callable[[object], Attempt]) -> None:
    compared = 0
    for number in range(3600):  # an hour
        compared += fails(sign_ins, guess(number))
        time.now += 1
    assert FREE_ATTEMPTS < compared < FREE_ATTEMPTS + 8 + 3600 / LONGEST_PAUSE_SECONDS


def test_guesses_of_one_name_from_many_addresses_get_slower(sign_ins: SignIns, time: Time) -> None:
    compared = 0
    for number in range(3600):
        compared += fails(sign_ins, password("anna", number, f"198.51.{number // 256}.{number % 256}"))
        time.now += 1
    assert compared < FREE_ATTEMPTS + 8 + 3600 / LONGEST_PAUSE_SECONDS


def test_names_that_do_not_exist_pause_like_those_that_do(sign_ins: SignIns) -> None:
    for number in range(FREE_ATTEMPTS):
        for name in ("anna", "nobody"):
            fails(sign_ins, password(name, number, f"192.0.2.{number}"))
    assert pause(sign_ins, password("anna", 0)) == pause(sign_ins, password("nobody", 0)) > 0


def test_nobody_is_locked_out_where_they_signed_in_before(sign_ins: SignIns) -> None:
    sign_ins.succeeded(password("anna", "right", HOME))
    sign_ins.succeeded(token("scraper", AWAY))
    for number in range(20):
        fails(sign_ins, password("anna", number, f"198.51.100.{number}"))
        fails(sign_ins, token(number, AWAY))
    assert pause(sign_ins, password("anna", "right", HOME)) == 0
    assert pause(sign_ins, token("scraper", AWAY)) == 0
    assert pause(sign_ins, password("anna", "right", "203.0.113.1")) > 0
    assert pause(sign_ins, token("another", AWAY)) > 0


def test_a_scraper_with_an_old_token_is_no_guesser(sign_ins: SignIns, time: Time) -> None:
    for _ in range(100):
        assert fails(sign_ins, token("old"))
        time.now += 15
    assert fails(sign_ins, token("new"))


def test_a_quarter_of_an_hour_later_all_is_forgotten(sign_ins: SignIns, time: Time) -> None:
    for number in range(50):
        fails(sign_ins, token(number))
    assert pause(sign_ins, token("x")) > 0
    time.now += 901
    assert pause(sign_ins, token("x")) == 0


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=30))
def test_no_pause_is_longer_than_the_longest_and_every_failure_is_counted(
    attempts: list[tuple[int, int, bool]],
) -> None:
    time = Time()
    refusals = Refusals(time)
    sign_ins = SignIns(refusals, time)
    compared = 0
    for number, (address, secret, basic) in enumerate(attempts):
        attempt = password("anna", secret, str(address)) if basic else token(secret, str(address))
        assert pause(sign_ins, attempt) <= LONGEST_PAUSE_SECONDS
        compared += fails(sign_ins, attempt)
        time.now += number
    entries = sign_ins.unrecorded(CLOCK.now())
    assert sum(int(entry.subject.split()[0]) for entry in entries) == compared == refusals.counts()[Refusal.SIGN_IN]
    assert sign_ins.unrecorded(CLOCK.now()) == ()


def test_memory_and_audit_are_bounded(sign_ins: SignIns) -> None:
    for number in range(10_000):
        fails(sign_ins, password(f"name {number}", number, f"address {number}"))
    entries = sign_ins.unrecorded(CLOCK.now())
    assert len(entries) <= 101
    assert sum(int(entry.subject.split()[0]) for entry in entries) == 10_000
    assert "several" in {entry.actor.address for entry in entries}
    assert len(sign_ins._failures) <= 4096


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Access:
    monkeypatch.setenv("TOKEN", "right-token")
    monkeypatch.setenv("PASSWORD", "right-password")
    auth = Auth.model_validate(
        {
            "tokens": {"scraper": {"token": {"env": "TOKEN"}}},
            "basic": {"anna": {"password": {"env": "PASSWORD"}}},
            "proxy": {"addresses": ["10.0.0.5"], "header": "X-User"},
        }
    )
    return Access.of(auth, tmp_path_factory.mktemp("base"), SignIns(monotonic=count(step=1e-6).__next__))


def test_a_client_is_told_how_long_to_wait(access: Access) -> None:
    with (
        published(snapshot(evaluation(tracks=False)), operations(), access) as url,
        httpx.Client(base_url=url) as client,
    ):
        assert client.get("/metrics", headers={"Authorization": "Bearer right-token"}).status_code == 200
        with capture_logs() as logs:
            answers = [client.get("/api/v1/alerts", auth=("anna", f"wrong {number}")) for number in range(50)]
        assert [answer.status_code for answer in answers] == [401] * FREE_ATTEMPTS + [429] * (50 - FREE_ATTEMPTS)
        assert answers[-1].json()["detail"] == "Too many sign-ins have failed. Try again in 1 seconds."
        assert answers[-1].headers["retry-after"] == "1"
        assert client.get("/", auth=("anna", "right-password")).status_code == 429
        assert client.get("/").status_code == 401
        assert client.get("/healthz").status_code == 200
        assert client.get("/metrics", headers={"Authorization": "Bearer right-token"}).status_code == 200
    assert [line["reason"] for line in logs] == ["sign_in", "sign_in_paused"]


def test_behind_a_proxy_the_client_counts(access: Access) -> None:
    def tried(client: str, secret: str) -> bool:
        fields = [(b"authorization", b"Bearer " + secret.encode()), (b"x-forwarded-for", client.encode())]
        return access.caller({"client": ("10.0.0.5", 1), "headers": fields}) is not None

    assert not any(tried("203.0.113.7", str(number)) for number in range(FREE_ATTEMPTS))
    with pytest.raises(SignInsPaused):
        tried("203.0.113.7", "right-token")
    assert tried("203.0.113.8", "right-token")


def test_what_failed_is_in_the_audit_log_without_what_was_typed(
    access: Access, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import base64

    for name in ("anna", "my-passw0rd", "anna"):
        carried = base64.b64encode(f"{name}:wrong".encode())
        assert access.caller({"client": (AWAY, 1), "headers": [(b"authorization", b"Basic " + carried)]}) is None
    container = make_project(tmp_path_factory.mktemp("project"), CLOCK)
    try:
        container.state.audit.record(access.sign_ins.unrecorded(CLOCK.now() + timedelta(seconds=1)))
        page = container.state.audit.page(limit=10)
    finally:
        container.close()
    assert {(str(entry.actor), entry.action.value, entry.subject) for entry in page.entries} == {
        (f"anna (failed from {AWAY})", "sign_in_failed", "2 with a wrong password"),
        (f"unknown (failed from {AWAY})", "sign_in_failed", "1 with a wrong password"),
    }
