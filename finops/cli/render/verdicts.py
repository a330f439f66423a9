"""Findings as a table for terminals, JSON for programs, JUnit for CI."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC

from rich.table import Table
from rich.text import Text

from finops.cli.render.junit import JUnitCase, junit_xml
from finops.model.evaluation import Evaluation
from finops.model.finding import Finding, Severity, State
from finops.model.money import Money, format_amount
from finops.model.untrusted import one_line

_STYLE = {State.FIRING: "bold red", State.UNKNOWN: "yellow", State.OK: "green"}


def as_json(findings: Sequence[Finding]) -> str:
    """The contract's list of findings."""
    return json.dumps([finding.to_json() for finding in findings], indent=1, ensure_ascii=False)


def as_table(evaluation: Evaluation, *, everything: bool) -> Table:
    """A row a finding, worst first: how it stands, what and whose it is, why, and from which data.

    ``everything``: those that are ok too, which are counted otherwise.
    """
    moment = f"{evaluation.as_of:%Y-%m-%d %H:%M} UTC"
    table = Table(
        title=f"Verdicts as of {moment}", title_justify="left", caption_justify="left", show_lines=True, expand=True
    )
    table.add_column("State", no_wrap=True)
    table.add_column("Policy", overflow="fold", ratio=1)
    table.add_column("Why", overflow="fold", ratio=3)
    table.add_column("Finding", no_wrap=True)
    shown = [one for one in evaluation.findings if everything or one.state is not State.OK]
    for finding in _worst_first(shown):
        severity = f"\n{finding.severity.value}" if finding.state is State.FIRING and finding.severity else ""
        settled = finding.complete_through.isoformat() if finding.complete_through else "no day yet"
        # Text: names that come from tags are never read as markup
        why = Text(finding.reason)
        if finding.drivers and finding.change:
            why.append(f"\n{_first_driver(finding)}")
        why.append(f"\n{finding.period}, settled through {settled}", style="dim")
        table.add_row(
            Text(f"{finding.state.value}{severity}", style=_STYLE[finding.state]),
            Text(finding.policy + (f"\n{finding.group_label}" if finding.group else "")),
            why,
            finding.id[:8],
        )
    counts = ", ".join(f"{sum(f.state is state for f in evaluation.findings)} {state.value}" for state in State)
    folded = " ('--all' lists them)" if len(shown) < len(evaluation.findings) else ""
    version = evaluation.data_version.costs
    costs = "none yet" if version is None else version
    table.caption = f"{counts}{folded}. Data version: costs {costs}. 'finops explain FINDING' shows why."
    return table


def as_junit(evaluation: Evaluation, *, fail_on: Severity) -> str:
    """A test case a finding: firing at or above ``fail_on`` is a failure, unknown an error."""
    cases = [_junit_case(finding, fail_on) for finding in evaluation.findings]
    return junit_xml("finops", cases, timestamp=f"{evaluation.as_of.astimezone(UTC):%Y-%m-%dT%H:%M:%S}")


def _junit_case(finding: Finding, fail_on: Severity) -> JUnitCase:
    name = f"{finding.policy}[{finding.group_label}]" if finding.group else finding.policy
    if finding.state is State.UNKNOWN:
        return JUnitCase(finding.kind, name, "error", "unknown", finding.reason)
    severity = finding.severity if finding.state is State.FIRING else None
    if severity and severity.rank >= fail_on.rank:
        return JUnitCase(finding.kind, name, "failure", severity.value, finding.reason)
    return JUnitCase(finding.kind, name, text=finding.reason if severity else "")


def exit_status(findings: Sequence[Finding], fail_on: Severity | None) -> int:
    """1 when something at or above ``fail_on`` fires, else 3 when a verdict is unknown, else 0."""
    if fail_on is None:
        return 0
    if any(f.state is State.FIRING and f.severity and f.severity.rank >= fail_on.rank for f in findings):
        return 1
    return 3 if any(f.state is State.UNKNOWN for f in findings) else 0


def money(amount: Money) -> str:
    """``12,000.00 EUR``: for people."""
    return f"{format_amount(amount.amount, amount.currency)} {amount.currency}"


def _first_driver(finding: Finding) -> str:
    """``largest driver: +1,200.00 EUR Amazon RDS``: the largest driver of a change, on one line."""
    first = finding.drivers[0]
    name = one_line(first.name or first.value or "(none)")
    return f"largest driver: {format_amount(first.change, finding.currency, plus=True)} {finding.currency} {name}"


def _worst_first(findings: Sequence[Finding]) -> list[Finding]:
    order = {State.FIRING: 0, State.UNKNOWN: 1, State.OK: 2}
    return sorted(
        findings, key=lambda f: (order[f.state], -(f.severity.rank if f.severity else -1), f.policy, f.group_label)
    )
