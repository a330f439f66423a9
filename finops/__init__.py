"""Cloud-cost governance: bills in FOCUS, held against policies, made visible before the invoice."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finops.app.notebook import Notebook

__all__ = ["__version__", "connect"]

__version__ = "0.1.0"

# How far Polars reads ahead, and how many rows it hands on at a time. Its own defaults hold half a gigabyte more of a
# wide bill, for no speed (10 million rows: 2.6 GiB against 1.9). They must stand before Polars is imported; what an
# operator has set is kept.
os.environ.setdefault("POLARS_ROW_GROUP_PREFETCH_SIZE", "1")
os.environ.setdefault("POLARS_IDEAL_MORSEL_SIZE", "32768")


def connect(path: str | os.PathLike[str] = "finops.yaml") -> Notebook:
    """What a finops.yaml describes, for notebooks and scripts: lazy Polars frames of costs, demand and emissions.

    It only reads. Raises ``finops.errors.Malformed`` with every fault of the file.
    """
    from finops.app.notebook import open_notebook  # noqa: PLC0415 - `import finops` stays cheap

    return open_notebook(path)
