"""Findings against what a test expects of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finops.documents import did_you_mean
from finops.model.finding import Finding, State, group_label
from finops.model.wording import group_text
from finops.policy.testing.case import PolicyCase
from finops.policy.testing.expected_value import ExpectedValue
from finops.policy.testing.file_model import Expectation


@dataclass(frozen=True, slots=True)
class Mismatch:
    """``file:line:column`` of what was expected, and what was found instead."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def compare(case: PolicyCase, findings: Sequence[Finding]) -> list[Mismatch]:
    """Everything that differs, in the order of the file. A group that is not expected must be ok."""
    by_group = {finding.group_label: finding for finding in findings}
    comparison = _Comparison(case)
    found: list[Mismatch] = []
    for index, expected in enumerate(case.expected):
        finding = by_group.pop(group_label(expected.group), None)
        if finding is None:
            found.append(comparison.no_such_group(index, expected, findings))
        else:
            found += comparison.differences(index, expected, finding)
    found += [comparison.unexpected(rest) for rest in by_group.values() if rest.state is not State.OK]
    return found


@dataclass(frozen=True, slots=True)
class _Comparison:
    case: PolicyCase

    def no_such_group(self, index: int, expected: Expectation, findings: Sequence[Finding]) -> Mismatch:
        wanted = group_text(expected.group) or "all rows"
        there = "; ".join(group_text(finding.group) or "all rows" for finding in findings)
        return self._at(("expect", index, "group"), f"there is no group {wanted}. Groups: {there}")

    def unexpected(self, finding: Finding) -> Mismatch:
        who = f"the group {group_text(finding.group)}" if finding.group else "the policy"
        how = f"{finding.state.value} ({finding.severity.value})" if finding.severity else finding.state.value
        return self._at(("expect",), f"{who} is not listed and must be ok, but is {how}: {finding.reason}")

    def differences(self, index: int, expected: Expectation, finding: Finding) -> Iterator[Mismatch]:
        at = ("expect", index)
        if finding.state is not expected.state:
            # everything else differs for the same cause, and the reason tells it
            found = f"{finding.state.value} ({finding.severity.value})" if finding.severity else finding.state.value
            yield self._differ((*at, "state"), "state", expected.state.value, f"{found}: {finding.reason}")
            return
        if expected.severity is not None and finding.severity is not expected.severity:
            found = f"{finding.severity.value if finding.severity else 'none'}: {finding.reason}"
            yield self._differ((*at, "severity"), "severity", expected.severity.value, found)
        if expected.measure is not None and finding.measure != expected.measure:
            found = f"{finding.measure}: {finding.reason}"
            yield self._differ((*at, "measure"), "measure", expected.measure, found)
        yield from self._number((*at, "value"), "value", expected.value, finding.value)
        yield from self._number((*at, "limit"), "limit", expected.limit, finding.limit)
        for name, wanted in expected.amount.items():
            money = finding.amount.get(name)
            yield from self._number(
                (*at, "amount", name),
                f"amount '{name}'",
                wanted,
                money.amount if money else None,
                currency=money.currency if money else "",
                known=sorted(finding.amount),
            )
        for name, wanted in expected.measures.items():
            known = sorted(finding.measures)
            yield from self._number(
                (*at, "measures", name), f"measure '{name}'", wanted, finding.measures.get(name), known=known
            )
        words = (expected.reason,) if isinstance(expected.reason, str) else expected.reason or ()
        for place, word in enumerate(words):
            if word not in finding.reason:
                loc = (*at, "reason") if isinstance(expected.reason, str) else (*at, "reason", place)
                yield self._at(loc, f"the reason does not contain '{word}': {finding.reason}")

    def _number(
        self,
        loc: tuple[str | int, ...],
        what: str,
        wanted: ExpectedValue | None,
        found: Decimal | float | None,
        *,
        currency: str = "",
        known: Sequence[str] = (),
    ) -> Iterator[Mismatch]:
        if wanted is None or wanted.holds(found, currency):
            return
        if found is None:
            name = str(loc[-1])
            nothing = f"nothing. {did_you_mean(name, known)}" if known and name not in known else "nothing"
            yield self._differ(loc, what, wanted.text, nothing)
            return
        text = (
            f"{found:f}".rstrip("0").rstrip(".") if isinstance(found, Decimal) and "." in f"{found:f}" else f"{found}"
        )
        yield self._differ(loc, what, wanted.text, f"{text} {currency}".rstrip())

    def _differ(self, loc: tuple[str | int, ...], what: str, expected: str, found: str) -> Mismatch:
        return self._at(loc, f"{what}: expected {expected}, found {found}")

    def _at(self, loc: tuple[str | int, ...], message: str) -> Mismatch:
        document = self.case.document
        line, column = document.place(loc, of_value=True)
        return Mismatch(document.file, line, column, message)
