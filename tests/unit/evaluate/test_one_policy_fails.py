"""Whatever one policy brings and fails on makes its own verdicts unknown; nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, cast

import polars as pl
import pytest

from finops.conditions import Condition
from finops.config.plugins import policy_profiles
from finops.evaluate.backtest import judge_days
from finops.evaluate.cache import EvaluationCache
from finops.evaluate.explain import explain
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import ComparedDays, Needs, PolicyKind, Verdict
from finops.evaluate.judgement.lazy import LazyLines
from finops.evaluate.judgement.moment import Moment
from finops.model.evaluation import Evaluation
from finops.model.finding import Severity, State
from finops.model.kind_profile import Chart, ChartType, Figure, KindProfile, Measure, Profiles
from finops.model.money import Money
from finops.model.period import Period
from finops.model.policy import Policy
from finops.model.snapshot import Snapshot
from finops.model.unit import Unit
from finops.policy.load import read_policies
from finops.policy.options import CommonOptions
from finops.ports.pages import PageRequest
from finops.publish.snapshot import build_snapshot
from finops_exporters.pages import PagesExporter
from tests.support.lake_view import AS_OF, COLUMNS, CURRENT, KINDS, FakeView, budget, days, policy, run, settings
from tests.unit.exporters.pages_read import ANNA, StillFacts

SPEC = "period: month\namount: 10 EUR\nalerts: [{when: spent > 80%, severity: warning}]"
VIEW = FakeView(
    [
        *days(date(2026, 2, 1), date(2026, 3, 19), 1, team="checkout", ResourceId="a"),
        *days(date(2026, 2, 1), date(2026, 3, 19), 2, team="search", ResourceId="b"),
        *days(date(2026, 3, 12), date(2026, 3, 12), 50, team="search", ResourceId="c"),
    ],
    emission_rows=[{"day": date(2026, 3, 1), "grams": 5}],
)
WEEK = tuple(date(2026, 3, 10) + timedelta(days=n) for n in range(7))
BEFORE = tuple(day - timedelta(days=7) for day in WEEK)


T = TypeVar("T")


class ToyOptions(CommonOptions):
    """Does it fail?"""


@dataclass(frozen=True, slots=True)
class Toy(PolicyKind[ToyOptions]):
    """A kind of another distribution, as it may be: ``does`` replaces one of its steps."""

    profile: ClassVar[KindProfile] = KindProfile("Toy", "Toy", "?", {"size": Measure("Size", (Unit.AMOUNT,))})
    Options: ClassVar[type[CommonOptions]] = ToyOptions
    does: ClassVar[dict[str, Callable[..., Any]]] = {}

    def needs(self, moment: Moment) -> Needs:
        return self._step("needs", lambda: Needs(Period(date(2026, 3, 1), date(2026, 4, 1))))

    def judge(self, data: GroupData) -> Verdict:
        return self._step("judge", verdict)

    def judge_together(self, data: Sequence[GroupData]) -> list[Verdict]:
        return self._step("judge_together", lambda: [self.judge(one) for one in data])

    def explain(self, data: GroupData) -> list[str]:
        return self._step("explain", lambda: ["one step"])

    def _step(self, name: str, ordinary: Callable[[], T]) -> T:
        return cast("Callable[[], T]", self.does.get(name, ordinary))()


def verdict(**changed: Any) -> Verdict:
    period = Period(date(2026, 3, 1), date(2026, 4, 1))
    made = Verdict(
        State.FIRING, Severity.INFO, "large", "size", 1.0, 1.0, "EUR", period, {}, {"size": 1.0}, Unit.AMOUNT
    )
    return replace(made, **changed)


def toys(name: str = "toy", scope: str = "") -> list[Policy]:
    text = f"""
apiVersion: finops/v1
kind: Toy
metadata: {{name: {name}, owner: o}}
spec: {{{scope}alerts: [{{when: size > 1 EUR, severity: info}}]}}
"""
    return read_policies(text, shown_as="toy.yaml", kinds={**KINDS, "Toy": Toy}, columns=COLUMNS, demand=[])


def raising(error: type[BaseException]) -> Callable[[], Any]:
    def fails() -> Any:
        raise error("a secret that no page may show")

    return fails


def told(evaluation: Evaluation) -> dict[str, tuple[State, str]]:
    return {finding.policy: (finding.state, finding.reason) for finding in evaluation.findings}


def whole(evaluation: Evaluation) -> Snapshot:
    """Everything that is stored and published of it."""
    made = build_snapshot(evaluation, settings(), evaluated_seconds=1.0, max_series=9, profiles=policy_profiles())
    assert Snapshot.from_bytes(made.to_bytes()).findings == evaluation.findings
    json.dumps([finding.to_json() for finding in evaluation.findings], allow_nan=False)
    return made


UNKNOWN: Mapping[str, tuple[str, Callable[[], Any], str]] = {
    "needs fails": ("needs", raising(KeyError), "kind Toy failed to say what it needs with KeyError"),
    "needs says that a store fails": ("needs", raising(OSError), "kind Toy failed to say what it needs with OSError"),
    "needs is none": ("needs", lambda: None, "kind Toy failed to say what it needs with TypeError"),
    "demand is one text": ("needs", lambda: Needs(None, demand="x"), "failed to say what it needs with TypeError"),  # type: ignore[arg-type] # the fault
    "a cost that there is not": ("needs", lambda: Needs(None, costs=("x",)), "failed to say what it needs"),
    "judge fails": ("judge", raising(ZeroDivisionError), "kind Toy failed to judge this group with ZeroDivisionError"),
    "judge panics": ("judge", raising(pl.exceptions.PanicException), "failed to judge this group with PanicException"),
    "polars fails in judge": ("judge", raising(pl.exceptions.ComputeError), "failed to judge this group"),
    "no verdict": ("judge", lambda: None, "kind Toy failed to judge this group with TypeError"),
    "not a number": ("judge", lambda: verdict(value=float("nan")), "failed to judge this group with ValueError"),
    "endless measure": ("judge", lambda: verdict(measures={"size": float("inf")}), "failed to judge this group"),
    "fires without severity": ("judge", lambda: verdict(severity=None), "failed to judge this group"),
    "undeclared measure": ("judge", lambda: verdict(measure="length"), "failed to judge this group"),
    "amount that is a float": ("judge", lambda: verdict(amount={"spent": 1.0}), "failed to judge this group"),
    "two currencies": ("judge", lambda: verdict(amount={"a": Money(Decimal(1), "USD")}), "failed to judge this group"),
    "endless growth": (
        "judge",
        lambda: verdict(compared=ComparedDays(BEFORE, WEEK, demand_growth=float("nan"))),
        "failed to judge this group",
    ),
    "no days": ("judge", lambda: verdict(compared=ComparedDays((), ("today",))), "failed to judge this group"),  # type: ignore[arg-type] # the fault
}
FIRING: Mapping[str, tuple[str, Callable[[], Any]]] = {
    "judging together fails": ("judge_together", raising(ValueError)),
    "too few verdicts together": ("judge_together", list),
    "lines fail": ("judge", lambda: verdict(lines=LazyLines(raising(ArithmeticError)))),
    "lines of floats": ("judge", lambda: verdict(lines={"a": (1.0,)})),
    "drivers by what there is not": ("judge", lambda: verdict(compared=ComparedDays(BEFORE, WEEK, by=(["x"],)))),  # type: ignore[arg-type] # the fault
}


@pytest.mark.parametrize(("step", "does", "reason"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_kind_that_fails_makes_its_own_verdict_unknown(
    step: str, does: Callable[[], Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [*budget(SPEC, name="a"), *budget("scope: ResourceId = 'b'\n" + SPEC, name="z")]
    expected = told(run(others, VIEW))
    monkeypatch.setattr(Toy, "does", {step: does})
    cache = EvaluationCache()
    for _ in range(2):  # the second time it is known
        evaluation = run([*others, *toys()], VIEW, cache=cache)
        state, said = told(evaluation).pop("toy")
        assert state is State.UNKNOWN
        assert reason in said
        assert "secret" not in said
        assert {name: one for name, one in told(evaluation).items() if name != "toy"} == expected
        whole(evaluation)
    monkeypatch.setattr(Toy, "does", {})
    assert told(run([*others, *toys()], VIEW, cache=cache))["toy"] == (State.FIRING, "large")


@pytest.mark.parametrize(("step", "does"), FIRING.values(), ids=FIRING)
def test_a_kind_that_fails_beside_its_verdict_keeps_it(
    step: str, does: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = budget("group_by: [team]\n" + SPEC, name="a")
    expected = [finding.drivers for finding in run(others, VIEW).findings]
    monkeypatch.setattr(Toy, "does", {step: does})
    evaluation = run([*others, *toys()], VIEW)
    assert told(evaluation)["toy"][0] is State.FIRING
    assert [finding.drivers for finding in evaluation.findings if finding.policy == "a"] == expected
    whole(evaluation)


def test_drivers_that_cannot_be_found_are_named_as_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    _, does = FIRING["drivers by what there is not"]
    monkeypatch.setattr(Toy, "does", {"judge": does})
    (finding,) = run(toys(), VIEW).findings
    assert finding.notes[0].startswith("the cost drivers are unknown: kind Toy failed to compare its costs with ")


@pytest.mark.parametrize("line", [(), (Decimal(1),), (Decimal("NaN"),) * 31])
def test_a_chart_that_cannot_be_drawn_is_missing_alone(
    line: tuple[Decimal, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = (Figure("A", amount="none"), Figure("B", measure="size", note="{none}"), Figure("C", measure="none"))
    charts = tuple(Chart(one.value, one, "{none}", lines=(("a", "A"),), value="size") for one in ChartType)
    profile = replace(Toy.profile, charts=charts, figures=figures)
    monkeypatch.setattr(Toy, "profile", profile)
    monkeypatch.setattr(Toy, "does", {"judge": lambda: verdict(lines={"a": line}, due=line)})
    evaluation = run(toys(), VIEW)
    pages = PagesExporter().render(whole(evaluation), Profiles({"Toy": profile}))
    document = pages.page(PageRequest("/policies/toy", {}, ANNA), StillFacts())
    assert document is not None
    assert b"toy" in document.body
    for chart in charts:
        pages.chart(evaluation.findings[0].anchor, chart.name, {})


def test_an_explanation_without_its_arithmetic_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    (toy,) = toys()
    (finding,) = run([toy], VIEW).findings
    monkeypatch.setattr(Toy, "does", {"explain": raising(IndexError)})
    made = explain(finding, toy, VIEW, freshness=[CURRENT], settings=settings())
    assert made.reproduced
    assert "the arithmetic is missing: kind Toy failed to explain this group with IndexError: please report it" in (
        made.lines
    )


@pytest.mark.parametrize(
    ("kind", "column", "named"),
    [
        ("Budget", "team", "team"),
        ("Budget", "ResourceId", "ResourceId"),
        ("Budget", "Tags", "tags['a']"),
        ("Carbon", "team", "team"),
    ],
)
def test_a_scope_that_fails_on_these_rows_makes_its_own_verdicts_unknown(kind: str, column: str, named: str) -> None:
    """Over the rollup, over single rows, over emissions: one odd condition among a dozen."""
    spec = SPEC if kind == "Budget" else "alerts: [{when: emissions > 1 kg, severity: info}]"
    others = [one for n in range(7) for one in budget(f"scope: {named} <> 'x{n}'\n" + SPEC, name=f"p{n}")]
    expected = told(run(others, VIEW))
    odd = failing_scope(column, named, spec, kind)
    cache = EvaluationCache()
    for _ in range(2):
        evaluation = run([*others, *odd], VIEW, cache=cache)
        state, reason = told(evaluation)["odd"]
        assert state is State.UNKNOWN
        assert "its rows cannot be selected" in reason
        assert {name: one for name, one in told(evaluation).items() if name != "odd"} == expected
    assert [state for state, _ in told(run(odd, VIEW)).values()] == [State.UNKNOWN], "alone, too"


def test_a_backtest_goes_on_beside_a_scope_that_fails() -> None:
    asked = [*budget(SPEC, name="a"), *failing_scope("team", "team", SPEC, "Budget")]
    (day,) = judge_days(asked, VIEW, [(Moment(AS_OF, settings()), [CURRENT])], then=True)
    assert {name: said.state for name, _, said in day} == {"a": State.FIRING, "odd": State.UNKNOWN}


def test_a_lake_that_fails_is_no_fault_of_a_policy() -> None:
    class Broken(FakeView):
        def costs_daily(self) -> pl.LazyFrame:
            return super().costs_daily().with_columns(pl.col("currency").cast(pl.Int64))

    with pytest.raises(pl.exceptions.PolarsError):
        run([*budget(SPEC, name="a"), *budget(SPEC, name="b")], Broken(days(date(2026, 3, 1), date(2026, 3, 2), 1)))


def failing_scope(column: str, named: str, spec: str, kind: str) -> list[Policy]:
    """A condition that passes every check and fails on the rows, as a cast of a foreign column would."""
    (odd,) = policy(kind, f"scope: {named} = '1'\n{spec}", name="odd")
    condition = odd.spec.envelope.condition
    assert isinstance(condition, Condition)
    fails = pl.coalesce(column, pl.lit("none")).cast(pl.Int64) > 1
    envelope = replace(odd.spec.envelope, condition=replace(condition, text="odd", _expression=[fails]))
    return [replace(odd, spec=replace(odd.spec, envelope=envelope))]
