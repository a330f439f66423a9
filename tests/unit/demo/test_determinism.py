from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from finops.demo import write_config, write_demo
from finops.demo.agreements import FILE

_SCRIPT = """
import sys
from datetime import date
from pathlib import Path
from finops.demo import write_demo
write_demo(Path(sys.argv[1]), until=date(2026, 5, 9), days=62, seed=7)
"""


def _digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _in_a_process(folder: Path, *, zone: str, hash_seed: str) -> dict[str, str]:
    environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": hash_seed}
    subprocess.run([sys.executable, "-c", _SCRIPT, str(folder)], check=True, env=environment, timeout=120)
    return _digest(folder)


def test_the_same_arguments_write_the_same_bytes_in_any_process_and_zone(tmp_path: Path) -> None:
    first = _in_a_process(tmp_path / "a", zone="Pacific/Kiritimati", hash_seed="1")
    second = _in_a_process(tmp_path / "b", zone="America/Los_Angeles", hash_seed="2")

    assert first == second
    assert len(first) > 15


def test_another_seed_writes_other_bills(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_demo(tmp_path / str(seed), until=date(2026, 5, 9), days=40, seed=seed)

    one, two = _digest(tmp_path / "1"), _digest(tmp_path / "2")
    assert one.keys() == two.keys()
    assert all(one[name] != two[name] for name in one if name.startswith("bills/") and FILE not in name)


def test_a_second_demo_replaces_the_first_and_leaves_other_files_alone(tmp_path: Path) -> None:
    write_demo(tmp_path, until=date(2026, 5, 9), days=62)
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_demo(tmp_path, until=date(2026, 5, 9), days=40)
    write_demo(tmp_path / "fresh", until=date(2026, 5, 9), days=40)

    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert _digest(tmp_path / "bills") == _digest(tmp_path / "fresh" / "bills")


def test_the_configuration_is_the_same_wherever_it_is_written(tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        path = write_config(folder, port=9700, smtp_port=2525, policies=[folder / "starter"])
        texts.append(path.read_text(encoding="utf-8"))

    assert texts[0] == texts[1]
