"""Requests and connections that were turned away: counted, and logged without letting a client fill the log."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Mapping
from enum import StrEnum

import structlog

from finops.ports.clock import Monotonic, since_boot

_log = structlog.get_logger(__name__)

_LOG_INTERVAL_SECONDS = 60.0


class Refusal(StrEnum):
    """Why; the label ``reason`` of ``finops_http_refused_total``."""

    CONNECTIONS = "connections"
    CONNECTIONS_PER_ADDRESS = "connections_per_address"
    HEADER_SIZE = "header_size"
    HEADER_COUNT = "header_count"
    HEADER_TIME = "header_time"
    BODY_SIZE = "body_size"
    BODY_TIME = "body_time"
    SEND_TIME = "send_time"
    PIPELINE = "pipeline"
    MALFORMED = "malformed"
    SIGN_IN = "sign_in"
    SIGN_IN_PAUSED = "sign_in_paused"


class Refusals:
    """Totals since the process started. Safe to use from any thread.

    Each reason is logged at once, then at most every minute with the number since: the address is the latest one's.
    """

    def __init__(self, monotonic: Monotonic = since_boot) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._counts = {reason.value: 0 for reason in Refusal}  # from the start: an increase from nothing is not seen
        self._logged: dict[Refusal, tuple[float, int]] = {}

    def add(self, reason: Refusal, address: str) -> None:
        now = self._monotonic()
        with self._lock:
            self._counts[reason] = total = self._counts[reason] + 1
            logged_at, logged_total = self._logged.get(reason, (now - _LOG_INTERVAL_SECONDS, 0))
            if now - logged_at < _LOG_INTERVAL_SECONDS:
                return
            self._logged[reason] = now, total
        _log.warning("http.refused", reason=reason.value, count=total - logged_total, address=address)

    def counts(self) -> Mapping[str, int]:
        """reason -> refusals."""
        with self._lock:
            return dict(self._counts)


def network_of(address: str) -> str:
    """What counts as one address: an IPv6 network of a customer (/64) has more than anybody could list."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
