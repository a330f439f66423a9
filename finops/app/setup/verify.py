"""The files are read as every command reads them, before anybody has them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from finops.app.open_lake import read_config
from finops.app.policies.check import check_policies, counted
from finops.app.policies.context import policy_context_of
from finops.app.policies.run_tests import run_case
from finops.app.setup.files import CONFIG, TEST
from finops.documents import Fault
from finops.errors import BadArguments, Malformed


@dataclass(frozen=True, slots=True)
class Verified:
    """``sources``: how many there are. ``policies``: ``1 policy, 3 tests``."""

    sources: int
    policies: str


def verify(files: Mapping[str, bytes]) -> Verified:
    """Checks configuration, policies and tests. Raises ``Malformed`` with every fault, by the files' own paths."""
    with tempfile.TemporaryDirectory(prefix="finops-init-") as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        try:
            config = read_config(folder / CONFIG)
            policy_context = policy_context_of(config)
            checked = check_policies(policy_context.policies, policy_context)
            failed = [case.name for case in checked.cases if not run_case(case, policy_context).passed]
        except Malformed as error:
            raise Malformed([_at_home(fault, folder) for fault in error.faults]) from error
        if failed:
            raise BadArguments(f"the test '{failed[0]}' fails", where=TEST, remedy="Choose another budget")
        return Verified(len(config.sources), counted(checked))


def _at_home(fault: object, folder: Path) -> Fault:
    assert isinstance(fault, Fault)  # noqa: S101 - files have faults of documents only
    return replace(fault, file=str(Path(fault.file).relative_to(folder)))
