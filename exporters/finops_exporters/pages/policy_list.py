"""All policies with their verdicts, and the tests of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finops.model.wording import count_text
from finops.ports.pages import TestOutcome
from finops_exporters import words
from finops_exporters.pages.filters import Choice, Filters, Pages, paged
from finops_exporters.pages.known_alerts import Known
from finops_exporters.pages.row import Line, line_of
from finops_exporters.pages.snapshot_index import SnapshotIndex, Verdict


@dataclass(frozen=True, slots=True)
class PolicyList:
    headline: str
    lines: Sequence[Line]
    filters: Filters
    choices: Mapping[str, Sequence[Choice]]
    pages: Pages | None


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one policy, the most urgent first."""

    headline: str
    lines: Sequence[Line]
    pages: Pages | None


@dataclass(frozen=True, slots=True)
class TestRow:
    """``faults``: what did not come out as expected."""

    name: str
    place: str
    passed: bool
    text: str
    faults: Sequence[str]

    __test__ = False  # no class of tests, whatever its name says to pytest


def policy_list(index: SnapshotIndex, filters: Filters, known: Known) -> PolicyList:
    found = filters.pass_(index.verdicts)
    part, pages = paged(found, filters, "/policies")
    policies = len({verdict.finding.policy for verdict in found})
    said = count_text(policies, "policy", "policies")
    return PolicyList(
        f"{said}, {count_text(len(found), 'verdict')}" if found else "Nothing to show",
        [line_of(verdict, known) for verdict in part],
        filters,
        filters.choices(index.verdicts),
        pages,
    )


def groups_of(verdicts: Sequence[Verdict], filters: Filters, path: str, known: Known) -> Groups:
    part, pages = paged(verdicts, filters, path)
    loud = sum(verdict.tone in {"critical", "warning", "info"} for verdict in verdicts)
    unknown = sum(verdict.tone == "unknown" for verdict in verdicts)
    said = [f"{loud} of {count_text(len(verdicts), 'group')} {'fires' if loud == 1 else 'fire'}"] if loud else []
    said += [f"{count_text(unknown, 'group')} unknown"] if unknown else []
    return Groups(
        ", ".join(said) or f"All {count_text(len(verdicts), 'group')} on track",
        [line_of(verdict, known) for verdict in part],
        pages,
    )


def test_rows(outcomes: Sequence[TestOutcome]) -> list[TestRow]:
    """Failing ones first."""
    rows = [
        TestRow(
            words.shown(outcome.name, 300),
            words.shown(outcome.place, 300),
            not outcome.faults,
            outcome.text.strip("\n"),
            [words.shown(fault, 600) for fault in outcome.faults],
        )
        for outcome in outcomes
    ]
    return sorted(rows, key=lambda row: row.passed)
