"""Faults of the program itself, said in one line: users never meet a traceback."""

from __future__ import annotations

import traceback


def fault_place(error: BaseException) -> str:
    """``TypeError at finops/lake/write/rollup.py:88``: enough to report it; the message stays out, it may hold data."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "finops" in frame.filename] or list(frames)
    if not own:
        return type(error).__name__
    parts = own[-1].filename.replace("\\", "/").split("/")
    name = "/".join(parts[-3:]) if len(parts) >= 3 else own[-1].filename
    return f"{type(error).__name__} at {name}:{own[-1].lineno}"
