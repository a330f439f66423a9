"""Documents of ``*.test.yaml`` files -> cases, or every fault of every document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from finops.documents import Document, Fault, did_you_mean, parse_documents, validate
from finops.errors import Malformed
from finops.model.finding import group_label
from finops.model.policy import Policy
from finops.policy.document import read_policy
from finops.policy.kind import KindFormat, Kinds
from finops.policy.options import Known
from finops.policy.testing.case import PolicyCase
from finops.policy.testing.csv_lines import CsvLines
from finops.policy.testing.demand_table import read_demand_table
from finops.policy.testing.file_model import PolicyTestFile
from finops.policy.testing.rows_table import RowsOf, costs_of, emissions_of, read_commitments, read_rows


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a test can name. ``choices``: the values of columns that take no others. ``dimensions``: columns of demand
    in CSV."""

    known: Known
    kinds: Kinds
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)
    dimensions: tuple[str, ...] = ()


def cases_of(
    documents: Sequence[Document], policies: Mapping[str, Policy] | None, vocabulary: Vocabulary
) -> list[PolicyCase]:
    """One case a document, in order. ``policies``: by name; None where they are faulty themselves, and no test can be
    held against one. Raises ``Malformed`` with every fault."""
    cases, faults = [], []
    for document in documents:
        case, found = _case(document, policies, vocabulary)
        faults += found
        if case is not None:
            cases.append(case)
    if faults:
        raise Malformed(sorted(set(faults)))
    return cases


def _case(
    document: Document, policies: Mapping[str, Policy] | None, vocabulary: Vocabulary
) -> tuple[PolicyCase | None, list[Fault]]:
    test, faults = validate(PolicyTestFile, document)
    data = document.data if isinstance(document.data, Mapping) else {}
    named = data.get("policy")
    policy = policies.get(named) if policies is not None and isinstance(named, str) else None
    if policies is not None and policy is None and isinstance(named, str):
        hint = did_you_mean(named, policies) if policies else "Name a policy of the files beside it"
        faults.append(document.fault(("policy",), f"no policy is named '{named}'", hint, of_value=True))
    # the tables are read even where another key is at fault: every fault at once
    columns = vocabulary.known.columns
    costs, found = _rows(document, "costs", costs_of(columns, vocabulary.choices))
    faults += found
    emissions, found = _rows(document, "emissions", emissions_of(columns, vocabulary.dimensions))
    faults += found
    text = data.get("commitments")
    table = CsvLines(document, ("commitments",), text if isinstance(text, str) else "")
    commitments, found = read_commitments(table, vocabulary.dimensions)
    faults += found
    written = data.get("demand")
    entries = written.items() if isinstance(written, Mapping) else ()
    texts = {name: text for name, text in entries if isinstance(text, str)}
    demand, found = read_demand_table(document, texts, vocabulary.known.demand, vocabulary.dimensions)
    faults += found
    if test is None:
        return None, faults
    faults += _delivery_faults(document, test, costs)
    if policy is not None and test.spec:
        policy, found = _varied(policy, document, test.spec, vocabulary)
        faults += found
    if policy is not None:
        faults += _expectation_faults(document, test, policy, columns.aliases)
    if faults or policy is None:
        return None, faults
    name = test.name or f"{policy.name} at {test.now:%Y-%m-%d %H:%M} UTC"
    case = PolicyCase(
        name=name,
        policy=policy,
        now=test.now,
        costs=costs,
        demand=demand,
        emissions=emissions,
        commitments=commitments,
        delivered=test.delivered,
        rates=test.rates,
        expected=_resolved(test, columns.aliases),
        document=document,
    )
    return case, []


def _varied(
    policy: Policy, document: Document, spec: Mapping[str, Any], vocabulary: Vocabulary
) -> tuple[Policy | None, list[Fault]]:
    """The policy with the test's own values of ``spec``; faults stand where the test writes them."""
    written = parse_documents(policy.text, policy.file)[0][0].data
    data = {**written, "spec": {**written["spec"], **spec}}
    return read_policy(replace(document, data=data), vocabulary.kinds, vocabulary.known)


def _rows(document: Document, key: str, of: RowsOf) -> tuple[pl.DataFrame, list[Fault]]:
    text = document.data.get(key) if isinstance(document.data, Mapping) else None
    return read_rows(CsvLines(document, (key,), text if isinstance(text, str) else ""), of)


def _resolved(test: PolicyTestFile, aliases: Mapping[str, str]) -> tuple[Any, ...]:
    """Groups by the successors of dropped column names, as a finding has them."""
    return tuple(
        one.model_copy(update={"group": {aliases.get(key, key): value for key, value in one.group.items()}})
        for one in test.expect
    )


def _delivery_faults(document: Document, test: PolicyTestFile, costs: pl.DataFrame) -> Iterator[Fault]:
    """A source that delivered, and that no row comes from, is a misspelt one."""
    sources = set(costs["source"].to_list()) if "source" in costs.columns else set()
    for name, moment in test.delivered.items():
        if name and moment is not None and name not in sources:
            hint = did_you_mean(name, sources) if sources else "Add the column 'source' to the costs"
            yield document.fault(("delivered", name), f"no row comes from the source '{name}'", hint)


def _expectation_faults(
    document: Document, test: PolicyTestFile, policy: Policy, aliases: Mapping[str, str]
) -> Iterator[Fault]:
    """Names that the policy does not have, and groups that stand there twice."""
    rule: KindFormat = policy.spec
    group_by = rule.envelope.group_by
    measures = [f"{name}{end}" for name in rule.profile.measures for end in ("", "_low", "_high")]
    seen = set()
    for index, one in enumerate(test.expect):
        at = ("expect", index)
        group = {aliases.get(key, key): value for key, value in one.group.items()}
        unknown = [key for key in one.group if aliases.get(key, key) not in group_by]
        for key in unknown:
            hint = did_you_mean(key, group_by) if group_by else "It has no group_by: leave 'group' out"
            yield document.fault((*at, "group", key), f"'{policy.name}' is not grouped by '{key}'", hint)
        missing = [column for column in group_by if column not in group]
        if group and missing and not unknown:
            message = f"the group has no '{missing[0]}'"
            yield document.fault((*at, "group"), message, f"Give a value for each of: {', '.join(group_by)}")
        if group_label(group) in seen:
            yield document.fault(at, f"the group '{group_label(group)}' is listed twice", "Keep one of the two")
        seen.add(group_label(group))
        if one.measure is not None and one.measure not in rule.profile.measures:
            hint = did_you_mean(one.measure, rule.profile.measures)
            yield document.fault((*at, "measure"), f"unknown measure '{one.measure}'", hint, of_value=True)
        for name in one.measures:
            if name not in measures:
                yield document.fault(
                    (*at, "measures", name), f"unknown measure '{name}'", did_you_mean(name, rule.profile.measures)
                )
