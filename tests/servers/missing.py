"""A test server that is not installed: a failure where CI=true, a skip with the remedy elsewhere."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def program(name: str, *, install: str) -> str:
    """The path of a program, or a skip (a failure with CI=true) that says how to install it."""
    found = shutil.which(name)
    if found is None:
        missing(name, install=install)
    return found


def missing(name: str, *, install: str) -> NoReturn:
    message = f"{name} is not installed: {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
