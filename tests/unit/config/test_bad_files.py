"""Each file has one mistake, named by its file name; the message beside it says where and how to fix it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from finops.config import load_config
from finops.errors import Malformed
from finops.focus.schema import condition_columns

BAD = Path(__file__).parents[2] / "golden" / "config" / "bad"


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_message(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(Malformed) as caught:
        load_config(Path(path.name), condition_columns())
    expected = path.with_suffix(".txt")
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        expected.write_text(f"{caught.value}\n", encoding="utf-8")
    assert f"{caught.value}\n" == expected.read_text(encoding="utf-8")
    assert "hunter2" not in str(caught.value)


def test_every_fault_of_a_file_comes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "finops.yaml"
    path.write_text(
        "apiVersion: finops/v1\npolicies: ./p\nlake: ./l\ncurrency: euro\nsettling: soon\n"
        "sources:\n  a: {kind: nothing}\n  b: {kind: focus-files}\n",
        encoding="utf-8",
    )
    with pytest.raises(Malformed) as caught:
        load_config(path, condition_columns())
    assert [fault.line for fault in caught.value.faults] == [4, 5, 7, 8]
