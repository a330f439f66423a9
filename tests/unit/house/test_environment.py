"""What a test sets reaches native code and child processes."""

import ctypes
import os
import subprocess

import pytest


def test_a_variable_set_by_a_test_reaches_native_code_and_children(monkeypatch: pytest.MonkeyPatch) -> None:
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    for name in (f"ADDED_{number}" for number in range(200)):
        monkeypatch.setenv(name, "é" * 50)
    monkeypatch.setenv("ADDED_0", "changed")
    monkeypatch.delenv("ADDED_1")

    assert (getenv(b"ADDED_0"), getenv(b"ADDED_1"), getenv(b"ADDED_199")) == (b"changed", None, ("é" * 50).encode())
    printed = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert set(printed) >= {"ADDED_0=changed", f"ADDED_2={'é' * 50}", f"PATH={os.environ['PATH']}"}
    assert not [line for line in printed if line.startswith("ADDED_1=")]
