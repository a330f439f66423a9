"""One reading of Retry-After, and words of a server that repeat no secret."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.http_client import retry_after_seconds, server_words

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
SECRET = "sk/very secret\"'+=ü"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("Fri, 20 Mar 2026 06:10:00 GMT", 600.0),
        ("Friday, 20-Mar-26 06:10:00 GMT", 600.0),
        ("Fri, 20 Mar 2026 06:10:00", 600.0),
        ("Fri, 20 Mar 2020 06:10:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1_000", None),
        ("nan", None),
        ("inf", None),
        ("٣", None),
        ("9" * 30, None),
        ("Fri, 99 Mar 2026 06:10:00 GMT", None),
    ],
)
def test_a_wish_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after_seconds({"Retry-After": value}, NOW) == seconds


def test_without_a_clock_a_date_counts_from_the_answers_own() -> None:
    wish = {"retry-after": "Fri, 20 Mar 2026 06:10:00 GMT"}
    assert retry_after_seconds({**wish, "date": "Fri, 20 Mar 2026 06:09:30 GMT"}) == 30
    assert retry_after_seconds(wish) is None


def test_the_longest_of_several_wishes_counts() -> None:
    headers = {"Retry-After": "5", "x-ms-ratelimit-qpu-retry-after": "30", "x-ms-ratelimit-tenant-retry-after": "soon"}
    assert retry_after_seconds(headers, NOW) == 30


@given(st.text())
def test_any_value_is_a_wish_or_none(value: str) -> None:
    found = retry_after_seconds({"Retry-After": value}, NOW)
    assert found is None or 0 <= found < float("inf")


@pytest.mark.parametrize(
    ("sent", "repeated"),
    [
        (SECRET, SECRET),
        (SECRET, quote(SECRET, safe="")),
        (SECRET, json.dumps(SECRET)),
        (SECRET, json.dumps({"error": {"message": f"no: {SECRET}"}})),
        (f"Bearer {SECRET}", SECRET),
        (f"Basic {b64encode(f'me:{SECRET}'.encode()).decode()}", SECRET),
        (f"Basic {b64encode(f'me:{SECRET}'.encode()).decode()}", b64encode(f"me:{SECRET}".encode()).decode()),
    ],
)
def test_no_secret_is_repeated_in_any_form(sent: str, repeated: str) -> None:
    said = server_words(f"no: {repeated} and more".encode(), [sent]) + server_words(repeated.encode(), [sent])
    for form in (SECRET, repeated, "very"):
        assert form not in said
    assert "***" in said


def test_a_body_that_was_cut_within_a_secret_repeats_no_part_of_it() -> None:
    assert server_words(b"no: correct horse bat", ["correct horse battery"], complete=False) == ""


@given(st.binary(max_size=400))
def test_words_are_one_short_printable_line(body: bytes) -> None:
    said = server_words(body, [])
    assert len(said) <= 200
    assert len(said.splitlines()) <= 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": {"message": "Slow down."}}', "Slow down."),
        ('{"error": "bad\\nquery"}', "bad query"),
        ('{"detail": 1}', '{"detail": 1}'),
        ("[" * 100_000, "[" * 199 + "…"),
        ("", ""),
    ],
)
def test_the_words_of_a_json_error(body: str, said: str) -> None:
    assert server_words(body.encode(), []) == said
