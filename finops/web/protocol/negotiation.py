"""Header fields, and what a client can read by its ``Accept`` and ``Accept-Encoding`` (RFC 9110, section 12.5)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

Fields = Iterable[tuple[bytes, bytes]]


def values(fields: Fields, name: bytes) -> list[bytes]:
    """Every value of a field; ``name`` in small letters."""
    return [value for key, value in fields if key == name]


def value(fields: Fields, name: bytes) -> bytes:
    """The last value of a field, '' where there is none."""
    found = values(fields, name)
    return found[-1] if found else b""


@lru_cache(maxsize=256)
def wants_openmetrics(accept: bytes) -> bool:
    """True where OpenMetrics 1.x is asked for by name, at least as much as the text format.

    Prometheus names OpenMetrics first; browsers and curl name neither and get plain text.
    """
    openmetrics, text = 0.0, 0.0
    for kind, parameters in _items(accept):
        quality = _quality(parameters)
        if kind == "application/openmetrics-text" and parameters.get("version", "1.0.0").startswith(("0.", "1.")):
            openmetrics = max(openmetrics, quality)
        elif kind in {"text/plain", "text/*"}:
            text = max(text, quality)
    return openmetrics > 0 and openmetrics >= text


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: bytes) -> bool:
    """``gzip;q=0`` refuses; ``*`` accepts unless gzip is named."""
    qualities = {coding: _quality(parameters) for coding, parameters in _items(accept_encoding)}
    return qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0))) > 0


def _items(header: bytes) -> list[tuple[str, dict[str, str]]]:
    items = []
    for item in header.decode("latin-1").split(","):
        name, *rest = item.split(";")
        pairs = (part.partition("=") for part in rest)
        items.append((name.strip().lower(), {key.strip().lower(): value.strip(' "') for key, _, value in pairs}))
    return items


def _quality(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0
