"""The real rows of ``tests/data/SOURCE.md``, as a project whose one source they are."""

from __future__ import annotations

from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "data" / "focus_sample_1000.csv"
_CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: USD
sources:
  sample: {kind: focus-files, path: ./bills}
"""


def sample_project(folder: Path) -> Path:
    """``finops.yaml`` in ``folder``, with the bill beside it and no policy yet."""
    for name in ("policies", "bills"):
        (folder / name).mkdir()
    config = folder / "finops.yaml"
    config.write_text(_CONFIG, encoding="utf-8")
    (folder / "bills" / SAMPLE.name).write_bytes(SAMPLE.read_bytes())
    return config
