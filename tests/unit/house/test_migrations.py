"""Revisions follow one another: two that claim the same place would break the next start."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from finops.state.migrate import newest_revision
from finops.state.migrations import versions


def test_revisions_are_one_chain() -> None:
    modules = [import_module(f"{versions.__name__}.{found.name}") for found in iter_modules(versions.__path__)]
    chain = sorted((module.revision, module.down_revision or "") for module in modules)
    assert [before for _, before in chain] == ["", *(revision for revision, _ in chain[:-1])]
    assert chain[-1][0] == newest_revision()
