"""One finding, reproduced: the same value from the same data, with the arithmetic in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finops.errors import UnknownFinding
from finops.evaluate.cases.allocation import moved_lines
from finops.evaluate.cases.case import Case, judge_cases
from finops.evaluate.cases.case_builder import build_cases
from finops.evaluate.drivers.text import driver_lines
from finops.evaluate.engine import findings_of
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.policy_fault import PolicyFault, of_kind
from finops.model.evaluation import Settings
from finops.model.finding import Finding
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness
from finops.model.wording import group_text, moment_text
from finops.ports.lake import LakeView


@dataclass(frozen=True, slots=True)
class Explanation:
    """The arithmetic as lines of text, and whether it came to the same finding (the last line says so too)."""

    lines: tuple[str, ...]
    reproduced: bool


def explain(
    finding: Finding, policy: Policy, view: LakeView, *, freshness: Sequence[SourceFreshness], settings: Settings
) -> Explanation:
    """The arithmetic behind ``finding``, from the data, freshness and settings that it was made with.

    Raises ``UnknownFinding`` where the policy has no such group
    in this data.
    """
    moment = Moment(finding.as_of, settings)
    counted = view.allocated() if policy.spec.envelope.allocated else view
    case = next(
        (case for case in build_cases([policy], counted, moment, freshness) if case.data.group == finding.group),
        None,
    )
    if case is None:
        raise UnknownFinding(
            f"the policy '{policy.name}' has no group '{finding.group_label}' in this data",
            where=f"finding {finding.id}",
            remedy="Explain it with its own data version",
        )
    (again,) = findings_of([case], judge_cases([case]), view)
    data, condition = case.data, case.rule.envelope.condition
    lines = (
        f"policy {policy.name} ({policy.kind}), {policy.file}:{policy.line}, {policy.digest}",
        f"group: {group_text(finding.group) or 'all rows of the scope'}",
        f"scope: {condition.text if condition is not None else 'every row'}",
        f"as of {moment_text(finding.as_of)}, data version {finding.data_version.to_json()}",
        f"sources: {', '.join(source.source for source in data.sources) or 'none'}",
        f"settled through: {data.settled_through or 'no day'}",
        *_arithmetic(case),
        *moved_lines(case, counted, finding.period),
        f"verdict: {again.state}{f' ({again.severity})' if again.severity else ''}: {again.reason}",
        *driver_lines(again),
        _sameness(finding, again),
    )
    return Explanation(lines, reproduced=again.to_json() == finding.to_json())


def _arithmetic(case: Case) -> list[str]:
    if case.fault:
        return []
    try:
        with of_kind(case.policy.kind, "explain this group"):
            return [str(line) for line in case.rule.explain(case.data)]
    except PolicyFault as fault:
        return [f"the arithmetic is missing: {fault.reason}"]


def _sameness(finding: Finding, again: Finding) -> str:
    if again.to_json() == finding.to_json():
        return f"reproduced: the same as finding {finding.id}"
    differing = sorted(key for key, value in again.to_json().items() if finding.to_json()[key] != value)
    return f"NOT reproduced: {', '.join(differing)} differ from finding {finding.id}; data, policy or settings differ"
