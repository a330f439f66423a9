"""The demo: made-up bills, collected by the ordinary sources, evaluated by the starter policies, served."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path

from finops.app.collection.all import CollectedAll, collect_all
from finops.app.collection.collectors import Collectors
from finops.app.collection.source import Progress
from finops.app.policies.budget_sheet import read_budget_sheet
from finops.app.policies.context import read_policy_context
from finops.app.teams import TeamBills
from finops.demo import MARKER, restate, write_config, write_demo
from finops.demo.generate import SHEET
from finops.errors import BadArguments
from finops.model.audit import Actor, Proof
from finops.model.period import month_start

_CONTROLLER = Actor("Robin Alder", Proof.TERMINAL)
_SIGNED = ("checkout", "data")
"""Teams whose last month somebody signs off."""
_OWN_STORES = ("var", "mail")

Say = Callable[[str], None]


def prepare_demo(out: Path, *, until: date, days: int, port: int, smtp_port: int, say: Say) -> Path:
    """Writes bills, demand, policies and finops.yaml into ``out``; returns the path of finops.yaml.

    A demo that is there is replaced. Raises ``BadArguments`` for a folder that holds something else.
    """
    _clear_stores(out)
    say(f"generating {days} days of bills from four providers in {out}")
    demo = write_demo(out, until=until, days=days)
    policies = [starter_policies()]
    config = write_config(out, port=port, smtp_port=smtp_port, policies=policies, invoices=demo.invoices())
    known = read_policy_context(config)
    sheet = read_budget_sheet(out / SHEET, known.known.columns, known.settings.currency)
    (out / "policies" / "plan.yaml").write_text(sheet.text(), encoding="utf-8")
    return config


def collect_demo(
    collectors: Collectors, bills: TeamBills, folder: Path, *, progress: Progress, say: Say
) -> CollectedAll:
    """Collects as the bills first came, then once more after a month was restated, as providers do. In between somebody
    signs that month off, where it has settled: the restatement is a correction then."""
    say("collecting bills")
    collect_all(collectors, progress=progress)
    month = month_start(bills.clock.now().date(), -1)
    for team in _SIGNED:
        try:
            bills.sign_off(team, month, actor=_CONTROLLER, note="as invoiced")
        except BadArguments as error:  # in the first days of a month
            say(f"not signed off: {error.what}")
            break
    restated = restate(folder)
    say(f"restating one month: {restated.relative_to(folder)}; collecting again")
    return collect_all(collectors, progress=progress)


def starter_policies() -> Path:
    """The folder of starter policies: beside the packages in the wheel, at the top of a checkout."""
    packaged = Path(str(files("finops"))) / "policies"
    return packaged if packaged.is_dir() else Path(str(files("finops"))).parent / "policies"


def _clear_stores(out: Path) -> None:
    """Takes the lake, state and mails of an older demo away; never anything that no demo made."""
    if not any((out / name).exists() for name in _OWN_STORES):
        return
    if not (out / MARKER).is_file():
        raise BadArguments(
            "the directory contains a lake or mails that were not created by the demo",
            where=str(out),
            remedy="Choose an empty directory",
        )
    for name in _OWN_STORES:
        shutil.rmtree(out / name, ignore_errors=True)
