"""One whole demo and one short one, written once for all tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from finops.demo import write_config, write_demo
from finops.demo.agreements import FILE
from tests.support.demo_truth import Truth, truth_of


@dataclass(frozen=True, slots=True)
class Demo:
    folder: Path
    truth: Truth

    def files(self, source: str) -> list[Path]:
        """The bills of ``source``, oldest first; not the commitments beside them."""
        return sorted(file for file in (self.folder / "bills" / source).iterdir() if file.name != FILE)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    truth = truth_of(write_demo(folder, until=date(2026, 11, 22)))
    write_config(folder, port=9700, smtp_port=2525, policies=[])
    return Demo(folder, truth)
