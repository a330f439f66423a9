"""The commands: each is imported when it is run, and none for ``finops --help``."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer

from finops.cli.anywhere import GlobalsAnywhere


@dataclass(frozen=True, slots=True)
class Entry:
    """``target``: module and name of a function, or of a ``Typer`` with commands. ``summary``: its line in the help."""

    target: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("finops.cli.demo:demo", "Evaluate and serve 13 months of generated bills."),
    "init": Entry("finops.cli.init:init", "Write finops.yaml, a first policy and its test."),
    "look": Entry("finops.cli.look:look", "Summarise bills without any configuration."),
    "run": Entry("finops.cli.run:run", "Collect, evaluate, alert and serve until SIGTERM or Ctrl-C."),
    "collect": Entry("finops.cli.collect:collect", "Collect bills, demand and emissions once."),
    "evaluate": Entry("finops.cli.evaluate:evaluate", "Evaluate all policies on the latest data."),
    "explain": Entry("finops.cli.explain:explain", "Reproduce a finding and show the arithmetic behind its value."),
    "costs": Entry("finops.cli.costs:costs", "Show what was spent, by anything."),
    "radar": Entry("finops.cli.radar:radar", "Find costs that grow faster than demand, without policies."),
    "values": Entry("finops.cli.values:values", "List the values of a column."),
    "report": Entry("finops.cli.report:report", "Write the monthly statement for finance."),
    "teams": Entry("finops.cli.teams:app", "Show the bills of teams, and sign them off."),
    "savings": Entry("finops.cli.savings:app", "Claim savings, and list what they were measured to be."),
    "assets": Entry("finops.cli.assets:assets", "Write dashboards, alerting rules, policies and cloud permissions."),
    "policies": Entry("finops.cli.policies:app", "Check, test and backtest policy files."),
    "sources": Entry("finops.cli.sources:app", "Check the sources of bills."),
    "notify": Entry("finops.cli.notify:app", "Test receivers."),
    "alerts": Entry("finops.cli.alerts:app", "List, acknowledge and silence alerts."),
    "lake": Entry("finops.cli.lake:app", "Inspect, reconcile and maintain the lake."),
    "config": Entry("finops.cli.config:app", "Check finops.yaml, or print its schema."),
}


class _OnUse(UserDict[str, Any]):
    """The commands by name, each loaded when it is asked for."""

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        module, _, attribute = COMMANDS[name].target.partition(":")
        target = getattr(import_module(module), attribute)
        root = typer.Typer(pretty_exceptions_enable=False, add_completion=False, rich_markup_mode=None)
        root.callback()(lambda: None)
        if isinstance(target, typer.Typer):
            root.add_typer(target, name=name)
        else:
            root.command(name)(target)
        return typer.main.get_group(root).commands[name]


class CommandTable(GlobalsAnywhere):
    """The root group, with the commands of ``COMMANDS``."""

    # Any: typer carries a private copy of click, whose names are not ours to import

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _OnUse(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the signature is click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])
