"""What a client can read."""

from __future__ import annotations

import pytest

from finops.web.protocol.negotiation import accepts_gzip, wants_openmetrics


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("text/plain;version=0.0.4", False),
        ("application/openmetrics-text", True),
        ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", True),
        ('application/openmetrics-text; version="1.0.0"; q=0.3, text/plain; q=0.5', False),
        ("application/openmetrics-text;q=0", False),
        ("application/openmetrics-text;version=2.0.0;q=0.9,text/plain;q=0.5", False),
        ("application/openmetrics-text;q=often", False),
        ("APPLICATION/OpenMetrics-Text; Version=1.0.0", True),
    ],
)
def test_formats(accept: str, expected: bool) -> None:
    assert wants_openmetrics(accept.encode()) is expected


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("deflate;q=1, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("*", True),
        ("*, gzip;q=0", False),
        ("identity", False),
        ("x-gzip", True),
    ],
)
def test_encodings(accept_encoding: str, expected: bool) -> None:
    assert accepts_gzip(accept_encoding.encode()) is expected
