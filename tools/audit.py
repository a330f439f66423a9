"""Known vulnerabilities of the locked packages: ``python -m tools.audit PIP-AUDIT LOCK…``."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def audit(pip_audit: str, lock: str) -> tuple[str, bool]:
    """What to say of ``lock``, and whether it is in order. A source that cannot be reached says nothing of it."""
    command = [
        pip_audit,
        "--requirement",
        lock,
        "--no-deps",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return f"SKIPPED: no advisory source can be reached ({''.join(done.stderr.strip().splitlines()[-1:])})", True
    skipped = [package for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        return f"SKIPPED: no advisory source knows any of its {len(packages)} packages", True
    found = [
        f"{package['name']} {package['version']}: {one['id']}, fixed in {', '.join(one['fix_versions']) or 'nothing'}"
        for package in packages
        for one in package.get("vulns", ())
    ]
    unaudited = f", {len(skipped)} not audited: {', '.join(one['name'] for one in skipped)}" if skipped else ""
    said = "\n  ".join([f"{len(packages)} packages, {len(found)} known vulnerabilities{unaudited}", *found])
    return said, not found


def main() -> None:
    pip_audit, *locks = sys.argv[1:]
    fine = True
    for lock in locks:
        said, passed = audit(pip_audit, lock)
        fine = fine and passed
        print(f"{lock}: {said}")  # noqa: T201 - a program's output
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
