"""What a command may import: a check of YAML in a commit hook does not wait for charts, databases or clouds."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from typer.main import get_command

from finops.app.clock import SystemClock
from finops.cli.app import app
from finops.cli.commands import COMMANDS
from finops.state import open_state

_CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: EUR
sources:
  bills: {kind: focus-files, path: ./bills/*.csv}
  aws: {kind: aws-data-export, bucket: bills, prefix: x, export: y}
  azure: {kind: azure-cost-export, account_url: https://a.blob.core.windows.net, container: c, directory: d}
demand:
  orders: {kind: csv, path: ./orders.csv, unit: orders}
  requests: {kind: csv, path: ./requests.csv, unit: requests}
  tokens: {kind: csv, path: ./tokens.csv, unit: tokens}
  sales: {kind: sql, url: {env: WAREHOUSE}, query: SELECT day FROM sales, unit: sales}
value:
  revenue: {kind: csv, path: ./revenue.csv, currency: EUR}
dimensions:
  team: [{tags: [team]}, {when: "SubAccountId = '1'", value: platform}, {else: unallocated}]
  product: [{tags: [product]}]
  environment: [{tags: [environment]}]
receivers:
  mail: {kind: email, from: a@example.com, to: [b@example.com], smtp: {host: localhost}}
  chat: {kind: apprise, url: {env: CHAT}}
routes: [{match: {severity: critical}, to: [mail, chat]}]
"""
_STANDARD = sys.stdlib_module_names | {
    "__main__",
    "_distutils_hack",
    "_sysconfigdata__linux_x86_64-linux-gnu",
    "finops",
    "sitecustomize",  # of the machine, not ours
    "usercustomize",
}
_TYPER = {"annotated_doc", "shellingham", "typer"}
_YAML = {"ruamel", "yaml"}
_VALIDATION = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
_CONDITIONS = {"mypy_extensions", "sqlglot", "sqlglotc"}
_FRAMES = {"_polars_runtime_32", "polars"}
_CONFIG_CHECK = (
    _TYPER | _YAML | _VALIDATION | _CONDITIONS | _FRAMES | {"babel", "finops_exporters", "iso4217", "obstore", "rich"}
)
_ALLOWED: Mapping[tuple[str, ...], set[str]] = {
    ("--help",): _TYPER,
    ("config", "check"): _CONFIG_CHECK | {"numpy", "sqlalchemy", "greenlet"},  # numpy: by Polars, for the rows of tests
    ("policies", "check", "policies"): _CONFIG_CHECK | {"numpy"},
    ("alerts", "list"): _CONFIG_CHECK | {"sqlalchemy"},
    ("lake", "status"): _CONFIG_CHECK | {"arro3", "deltalake"},
    ("policies", "test", "policies"): _CONFIG_CHECK | {"arro3", "deltalake", "narwhals", "numpy", "pyarrow"},
}
"""Distributions by command; a command that needs one more is slower for everybody."""

_RUN = """
import json, sys
from finops.app.clock import SystemClock
from finops.cli.app import app
sys.argv = ["finops", *json.loads(sys.argv[1])]
try:
    status = app()
except SystemExit as end:
    status = end.code
print("\\n" + json.dumps([status, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "finops.yaml").write_text(_CONFIG, encoding="utf-8")
    starter = Path(__file__).parents[3] / "policies"
    shutil.copytree(starter, folder / "policies")
    (folder / "policies" / "budgets.test.yaml").unlink()  # one file of tests imports as much as eight
    open_state("sqlite:///state.db", base=folder, clock=SystemClock()).close()  # making tables takes Alembic
    return folder


@pytest.mark.parametrize("command", _ALLOWED, ids=" ".join)
def test_a_command_imports_no_more_than_it_needs(command: tuple[str, ...], project: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps(command)], cwd=project, capture_output=True, text=True, check=True
    )
    status, modules = json.loads(ran.stdout.splitlines()[-1])
    assert status == 0, ran.stdout + ran.stderr
    compiled = {
        name for name in modules if "cython" in name or name.endswith("__mypyc") or name.startswith("_sysconfig")
    }
    assert set(modules) - _STANDARD - compiled <= _ALLOWED[command]


def test_the_help_of_each_command_begins_with_its_line_in_the_list() -> None:
    commands = cast("Any", get_command(app)).commands
    for name, entry in COMMANDS.items():
        assert commands[name].help.startswith(entry.summary.rstrip("."))
