"""Accepts global options after the command too: ``finops run -c x`` equals ``finops -c x run``."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

_WITH_VALUE = ("-c", "--config", "--log-format")
_FLAGS = ("-v", "-vv", "--verbose")


def hoisted(arguments: list[str]) -> list[str]:
    """The same arguments with the global ones first; what follows ``--`` is unchanged.

    >>> hoisted(["run", "-c", "x.yaml", "-v"])
    ['-c', 'x.yaml', '-v', 'run']
    """
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest.extend([argument, *waiting])
        elif argument in _WITH_VALUE:
            first.extend([argument, *[value for value in [next(waiting, None)] if value is not None]])
        elif argument in _FLAGS or argument.startswith(tuple(f"{name}=" for name in _WITH_VALUE if len(name) > 2)):
            first.append(argument)
        else:
            rest.append(argument)
    return first + rest


class GlobalsAnywhere(TyperGroup):
    """The root group of the command line."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # Any: typer carries a private copy of click, whose names are not ours to import
        arguments: list[str] = super().parse_args(ctx, hoisted(args))
        return arguments
