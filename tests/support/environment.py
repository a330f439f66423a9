"""Lets tests change the process environment while native threads read it.

Before glibc 2.41, adding a variable moves the array of variables while `getenv` in another thread may be walking it.
Polars reads variables in its own threads for as long as the process lives, and pytest and monkeypatch add some for
every test: once in a while that killed a test process with a segmentation fault. Here every change makes a new array
and keeps the old one.
"""

from __future__ import annotations

import ctypes
import os
import sys

_replaced: list[object] = []  # a thread may still be reading any of these


def make_changes_safe() -> None:
    """Replaces `putenv` and `unsetenv` for everything that changes `os.environ` from now on."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    variables = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
    address = ctypes.c_void_p.in_dll(libc, "environ")

    def without(name: bytes) -> list[bytes]:
        found: list[bytes] = []
        while (variable := variables[len(found)]) is not None:
            found.append(variable)
        return [variable for variable in found if not variable.startswith(name + b"=")]

    def replace(changed: list[bytes]) -> None:
        array = (ctypes.c_char_p * (len(changed) + 1))(*changed, None)
        _replaced.append(array)
        address.value = ctypes.addressof(array)

    def put(name: str | bytes, value: str | bytes) -> None:
        replace([*without(os.fsencode(name)), os.fsencode(name) + b"=" + os.fsencode(value)])

    def unset(name: str | bytes) -> None:
        replace(without(os.fsencode(name)))

    os.putenv, os.unsetenv = put, unset  # type: ignore[assignment]  # os.environ encodes what it hands over
