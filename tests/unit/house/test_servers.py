"""The lock of the test servers that npm brings."""

from __future__ import annotations

import json
from pathlib import Path

SERVERS = Path(__file__).parents[2] / "servers"


def test_the_npm_lock_holds_no_address_and_every_hash() -> None:
    packages = json.loads((SERVERS / "package-lock.json").read_text())["packages"]
    assert packages.pop("")["dependencies"] == json.loads((SERVERS / "package.json").read_text())["dependencies"]
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []


def test_npm_goes_on_leaving_addresses_out() -> None:
    assert (SERVERS / ".npmrc").read_text() == "omit-lockfile-registry-resolved=true\n"


def test_versions_are_exact() -> None:
    wanted = json.loads((SERVERS / "package.json").read_text())["dependencies"]
    assert [version for version in wanted.values() if not version.replace(".", "").isdigit()] == []
