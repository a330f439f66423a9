"""A finops.yaml with a state and a lake, for the application to read."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from pathlib import Path

from finops.app.container import Container, open_container
from finops.ports.clock import Clock

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: EUR
sources:
  sample: {kind: focus-files, path: ./bills}
dimensions:
  team:
    - tags: [team]
    - else: unallocated
receivers:
  finance: {kind: email, from: f@example.com, to: [g@example.com], smtp: {host: mail.example.com}}
routes:
  - to: [finance]
"""


def make_project(folder: Path, clock: Clock) -> Container:
    """The container of a new project in ``folder``: nothing collected, no policy."""
    for name in ("policies", "bills"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    return open_container(folder / "finops.yaml", clock)


@cache
def empty_container(clock: Clock) -> Container:
    """One project for all who only need that there is one."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    container = make_project(Path(folder.name), clock)
    atexit.register(container.close)
    return container
