"""Header fields as ASGI hands them over: bytes, in order, with repetitions."""

from __future__ import annotations

from collections.abc import Iterable

Fields = Iterable[tuple[bytes, bytes]]


def values(fields: Fields, name: bytes) -> list[bytes]:
    """Every value of a field; ``name`` in small letters."""
    return [value for key, value in fields if key == name]


def value(fields: Fields, name: bytes) -> bytes:
    """The last value of a field, '' where there is none."""
    found = values(fields, name)
    return found[-1] if found else b""
