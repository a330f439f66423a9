"""Libraries that take long to import, imported when they are first used: ``from finops.deferred import numpy as np``.

A command that checks YAML imports the modules of everything that YAML can configure, and uses little of them. Of a
library that stands here, a module may hold functions that use it and annotations that name it, without importing it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx
    import narwhals
    import numpy
    import polars
    import pyarrow
    import sqlalchemy
    import stamina

__all__ = ["httpx", "narwhals", "numpy", "polars", "pyarrow", "sqlalchemy", "stamina"]


class _Deferred:
    """Stands for a module; what was asked for once is found as quickly as in the module itself."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # inspection of the stand-in itself, as by pickle or doctest
            raise AttributeError(name)
        module = import_module(self._name)
        value = getattr(module, name) if hasattr(module, name) else import_module(f"{self._name}.{name}")
        setattr(self, name, value)
        return value


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    globals()[name] = deferred = _Deferred(name)
    return deferred
