"""One YAML document -> one policy, or all of its faults."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from finops.conditions import Condition, ConditionFaults, parse
from finops.documents import Document, Fault, did_you_mean, nearest, place_inside, validate
from finops.errors import InvalidValue
from finops.model.cost_question import ALLOCATED_COST
from finops.model.finding import Severity
from finops.model.money import Money
from finops.model.policy import Policy
from finops.model.scopes import SCOPE_COLUMNS
from finops.policy.envelope import Envelope, Exemption
from finops.policy.kind import KindFormat, Kinds
from finops.policy.options import CommonOptions, Known, Model
from finops.policy.when import Alert, WhenFault, parse_when

API_VERSION = "finops/v1"

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


def _name(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(NAME_PATTERN, value):
        raise InvalidValue(f"'{value}' is not a valid name", "Use up to 100 letters, digits, '-', '.' and '_'")
    return value


class Metadata(Model):
    """Who the policy is, and whose."""

    name: Annotated[str, BeforeValidator(_name), WithJsonSchema({"type": "string", "pattern": NAME_PATTERN})] = Field(
        description="Unique among all policies.", examples=["checkout-monthly"]
    )
    owner: str = Field(min_length=1, description="Owner of the policy.", examples=["team-checkout"])
    description: str = Field(default="", description="What it watches and why, shown with its alerts.")


class PolicyFile(Model):
    """One document of a policy file."""

    api_version: Literal["finops/v1"] = Field(alias="apiVersion")
    kind: str
    metadata: Metadata
    spec: dict[str, Any]


def read_policy(document: Document, kinds: Kinds, known: Known) -> tuple[Policy | None, list[Fault]]:
    """The policy, or None and every fault of the document."""
    envelope, faults = validate(PolicyFile, document)
    data = document.data
    kind = data.get("kind") if isinstance(data, Mapping) else None
    if not isinstance(kind, str) or not isinstance(data.get("spec"), Mapping):
        return None, faults
    rule_class = kinds.get(kind)
    if rule_class is None:
        return None, [
            *faults,
            _unknown_kind(document, kind, kinds),
            *_faults_without_kind(document, kind, kinds, known),
        ]
    options, option_faults = validate(rule_class.Options, document, at=("spec",), context=known)
    condition, scope_faults = _condition(document, known)
    alerts, alert_faults = _alerts(document, rule_class)
    faults += [*option_faults, *scope_faults, *alert_faults]
    if options is not None:
        faults += _cross_faults(document, rule_class, options, alerts)
        if options.cost == ALLOCATED_COST:
            faults += _faults_of_allocated(document, options, condition, known)
    if faults or envelope is None or options is None:
        return None, faults
    rule = rule_class.from_options(options, _envelope(options, condition, alerts))
    line, _ = document.place(("apiVersion",))
    meta = envelope.metadata
    policy = Policy(
        meta.name, kind, meta.owner, meta.description, rule, _digest(data), document.file, line, document.text
    )
    return policy, []


def _unknown_kind(document: Document, kind: str, kinds: Kinds) -> Fault:
    return document.fault(("kind",), f"unknown kind '{kind}'", did_you_mean(kind, kinds), of_value=True)


def _faults_without_kind(document: Document, kind: str, kinds: Kinds, known: Known) -> list[Fault]:
    """What is wrong whatever the kind is; where a name is near, what is wrong if that one is meant."""
    meant = kinds.get(nearest(kind, kinds) or "")
    options = meant.Options if meant else CommonOptions
    common = {field.alias or name for name, field in CommonOptions.model_fields.items()}
    beside = () if meant else [key for key in document.data["spec"] if key not in common]
    faults = [
        *validate(options, document, at=("spec",), beside=beside, context=known)[1],
        *_condition(document, known)[1],
    ]
    return [*faults, *_alerts(document, meant)[1]] if meant else faults


def _condition(document: Document, known: Known) -> tuple[Condition | None, list[Fault]]:
    spec, loc = document.data["spec"], ("spec", "scope")
    if "scope" in spec and spec["scope"] is None:
        hint = "Write a condition, or omit the key to match every row"
        return None, [document.fault(loc, "the scope is empty", hint)]
    text = spec.get("scope")
    if not isinstance(text, str):
        return None, []
    try:
        return parse(text, known.columns), []
    except ConditionFaults as error:
        return None, [
            Fault(document.file, *place_inside(document, loc, text, fault.offset), fault.message, fault.hint)
            for fault in error.faults
        ]


def _alerts(document: Document, rule_class: type[KindFormat]) -> tuple[list[Alert], list[Fault]]:
    alerts, faults = [], []
    listed = document.data["spec"].get("alerts")
    for index, item in enumerate(listed if isinstance(listed, list) else []):
        when = item.get("when") if isinstance(item, Mapping) else None
        if not isinstance(when, str):
            continue
        severity = item.get("severity")
        known_severity = severity in list(Severity)
        try:
            alert = parse_when(
                when, Severity(severity) if known_severity else Severity.INFO, rule_class.profile.measures
            )
        except WhenFault as error:
            place = place_inside(document, ("spec", "alerts", index, "when"), when, error.offset)
            faults.append(Fault(document.file, *place, error.message, error.hint))
        else:
            alerts.append(alert)
    return alerts, faults


def _cross_faults(
    document: Document, rule_class: type[KindFormat], options: CommonOptions, alerts: list[Alert]
) -> Iterator[Fault]:
    """What single keys cannot know: amounts of another currency, exceptions of groups that there are not."""
    currency = rule_class.currency_of(options)
    if isinstance(options.minimum, Money) and currency not in (None, options.minimum.currency):
        place = document.place(("spec", "minimum"), of_value=True)
        yield _other_currency(document, place, options.minimum, currency)
    if len(alerts) == len(options.alerts):
        for index, (alert, written) in enumerate(zip(alerts, options.alerts, strict=True)):
            if isinstance(alert.threshold, Money) and currency not in (None, alert.threshold.currency):
                loc = ("spec", "alerts", index, "when")
                place = place_inside(document, loc, written.when, alert.threshold_offset)
                yield _other_currency(document, place, alert.threshold, currency)
    for index, exception in enumerate(options.exceptions):
        for column in exception.group:
            if column not in options.group_by:
                hint = did_you_mean(column, options.group_by) if options.group_by else "Add it to group_by first"
                message = f"'{column}' is not in group_by"
                yield document.fault(("spec", "exceptions", index, "group", column), message, hint)


def _faults_of_allocated(
    document: Document, options: CommonOptions, condition: Condition | None, known: Known
) -> Iterator[Fault]:
    """Allocated costs are known by day, not row by row."""
    daily = known.columns.dimensions.union(SCOPE_COLUMNS)
    of_scope = condition.required_columns if condition is not None else frozenset()
    named = {"scope": of_scope, "group_by": options.group_by}
    for key, columns in named.items():
        for column in sorted(set(columns) - daily):
            shown = "tags" if column == "Tags" else column
            hint = "Use a dimension instead, or another cost"
            message = f"AllocatedCost is not known by {shown}"
            yield document.fault(("spec", key), message, hint, of_value=True)


def _other_currency(document: Document, place: tuple[int, int], money: Money, currency: str | None) -> Fault:
    return Fault(document.file, *place, f"{money} beside a policy in {currency}", f"Write the amount in {currency}")


def _envelope(options: CommonOptions, condition: Condition | None, alerts: list[Alert]) -> Envelope:
    return Envelope(
        condition=condition,
        cost="EffectiveCost" if options.cost == ALLOCATED_COST else options.cost,
        group_by=options.group_by,
        minimum=options.minimum if isinstance(options.minimum, Money) else None,  # else a mass
        for_evaluations=options.for_,
        exemptions=tuple(Exemption(item.group, item.reason, item.expires) for item in options.exceptions),
        alerts=tuple(alerts),
        allocated=options.cost == ALLOCATED_COST,
    )


def _digest(data: Any) -> str:
    """The same for the same meaning: comments, order of keys and layout do not count."""
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
