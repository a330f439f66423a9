"""A damage to one source or series makes the verdicts over it unknown, with what repairs it; the others stay."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from finops.allocate import Rules
from finops.app.costs import CostReader
from finops.app.evaluation.evaluate import Evaluated, Evaluator
from finops.errors import FinopsError
from finops.evaluate.cache import EvaluationCache
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake
from finops.model.allocation import Allocation, ByWeights
from finops.model.cost_question import CostQuestion, Every
from finops.model.evaluation import Settings
from finops.model.finding import State
from finops.policy.load import Loaded
from finops.ports.lake import NewSeries
from tests.support.bills import APRIL, MARCH, StoppedClock, delivery, lake, line, rows, run
from tests.support.lake_view import budget, policy, standing
from tests.unit.lake.test_demand import series
from tests.unit.lake.test_emissions import emitted
from tests.unit.lake.test_rebuild import DAMAGES as LOG_DAMAGES

AS_OF = datetime(2026, 5, 3, tzinfo=UTC)
BUDGET = "period: {from: 2026-03-01, to: 2026-06-01}\namount: 100 EUR\nalerts: [{when: spent > 80%, severity: info}]"
UNIT = "window: 7d\nalerts: [{when: unit_cost > 1 EUR, severity: info}]"
CARBON = "alerts: [{when: emissions > 1 kg, severity: info}]"
POLICIES = [
    *budget(BUDGET, name="all"),
    *budget("scope: source = 'aws'\n" + BUDGET, name="aws"),
    *budget("scope: ServiceName = 'network'\n" + BUDGET, name="azure"),
    *budget("scope: source = 'azure' AND ResourceId IS NULL\n" + BUDGET, name="azure-rows"),
    *budget("scope: ResourceId IS NULL\n" + BUDGET, name="rows"),
    *budget("group_by: [ServiceName]\n" + BUDGET, name="services"),
    *policy("UnitCost", "demand: orders\n" + UNIT, name="orders"),
    *policy("UnitCost", "demand: visitors\n" + UNIT, name="visitors"),
    *policy("Carbon", "scope: source = 'aws'\n" + CARBON, name="carbon-aws"),
    *policy("Carbon", "scope: source = 'dc'\n" + CARBON, name="carbon-dc"),
]
OF_AWS = {"all", "aws", "rows", "services compute", "orders", "visitors"}


class _Policies:
    paths = ()

    def load_each(self) -> Loaded:
        return Loaded(tuple(POLICIES), ())


def filled(at: Path) -> DeltaLake:
    own = lake(at)
    compute = [line("1", period=MARCH), line("2", period=APRIL)]
    own.replace(delivery(rows(*compute)), run())
    own.replace(delivery(rows(line("8", ServiceName="network", ResourceId=None)), source="azure"), run())
    own.replace_demand([NewSeries("orders", series("7"), "o"), NewSeries("visitors", series("7"), "v")], run())
    grams = (date(2026, 2, 1), date(2026, 3, 1), "100")
    own.replace_emissions([NewSeries("aws", emitted(grams), "a"), NewSeries("dc", emitted(grams), "d")], run())
    return own


def evaluated(own: DeltaLake, cache: EvaluationCache | None = None) -> Evaluated:
    settings: Any = SimpleNamespace(
        rates_text=lambda: None,
        with_rates=lambda _text: Settings("EUR", dimensions=("team",), emissions=("aws", "dc")),
        config=SimpleNamespace(dimensions=(), allocations=()),
    )
    freshness = [standing(name, through=AS_OF, delivered=AS_OF) for name in ("aws", "azure")]
    reader: Any = SimpleNamespace(read=lambda: freshness)
    policies: Any = _Policies()
    no_incidents: Any = SimpleNamespace(known=dict)
    return Evaluator(policies, settings, reader, own, no_incidents).evaluate(AS_OF, cache=cache)


def told(result: Evaluated) -> dict[str, tuple[State, str]]:
    return {
        f"{one.policy} {one.group.get('ServiceName', '')}".strip(): (one.state, one.reason)
        for one in result.evaluation.findings
    }


def foreign(at: Path, source: str) -> None:
    frame = rows(line("1000")).with_columns(source=pl.lit(source))
    frame.write_delta(at / "costs", mode="append", delta_write_options={"schema_mode": "merge"})


def each(pattern: str, change: Callable[[Path], object]) -> Callable[[Path], None]:
    def damage(at: Path) -> None:
        found = sorted(at.glob(pattern))
        assert found
        change(found[0])

    return damage


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def garble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4:-8] = b"\xff" * (len(content) - 12)
    path.write_bytes(content)


COLLECT = "Run 'finops collect {}'"
DAMAGES: Mapping[str, tuple[Callable[[Path], None], set[str], str]] = {
    "foreign rows": (lambda at: foreign(at, "aws"), OF_AWS, COLLECT.format("aws")),
    "foreign rows of nobody": (lambda at: foreign(at, "somebody"), set(), ""),
    "costs lost": (each("costs/source=aws/*/*.parquet", Path.unlink), OF_AWS, COLLECT.format("aws")),
    "costs truncated": (each("costs/source=aws/*/*.parquet", shorten), OF_AWS, COLLECT.format("aws")),
    "costs unreadable": (each("costs/source=aws/*/*.parquet", garble), OF_AWS, COLLECT.format("aws")),
    "sums lost": (each("costs_daily/source=aws/*/*.parquet", Path.unlink), OF_AWS, "finops lake rebuild"),
    "sums truncated": (each("costs_daily/source=aws/*/*.parquet", shorten), OF_AWS, "finops lake rebuild"),
    "sums unreadable": (each("costs_daily/source=aws/*/*.parquet", garble), OF_AWS, "finops lake rebuild"),
    "demand lost": (each("demand/name=orders/*.parquet", Path.unlink), {"orders"}, COLLECT.format("orders")),
    "demand unreadable": (each("demand/name=orders/*.parquet", garble), {"orders"}, COLLECT.format("orders")),
    "demand's log broken": (
        each("demand/_delta_log/*.json", lambda path: path.write_text("[1]")),
        {"orders", "visitors"},
        "Move the folder demand away and run 'finops collect'",
    ),
    "emissions truncated": (each("emissions/name=aws/*.parquet", shorten), {"carbon-aws"}, COLLECT.format("aws")),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[State, str]]]:
    at = tmp_path_factory.mktemp("sound")
    return at / "lake", told(evaluated(filled(at)))


@pytest.mark.parametrize(("damage", "unknown", "repaired"), DAMAGES.values(), ids=DAMAGES)
def test_the_verdicts_over_it_are_unknown_and_the_others_stay(
    damage: Callable[[Path], None],
    unknown: set[str],
    repaired: str,
    sound: tuple[Path, dict[str, tuple[State, str]]],
    tmp_path: Path,
) -> None:
    at, before = sound
    shutil.copytree(at, tmp_path / "lake")
    damage(tmp_path / "lake")
    result = evaluated(lake(tmp_path))
    found = told(result)
    assert len(result.lake_faults) == 1
    assert {name: one for name, one in found.items() if name not in unknown} == {
        name: one for name, one in before.items() if name not in unknown
    }
    assert unknown <= set(found)
    for name in unknown:
        state, reason = found[name]
        assert state is State.UNKNOWN
        assert repaired in reason
        assert str(tmp_path) not in reason


@pytest.mark.parametrize("damage", [damage for damage, *_ in DAMAGES.values()], ids=DAMAGES)
def test_rules_of_allocations_change_nothing_of_that(
    damage: Callable[[Path], None], sound: tuple[Path, dict[str, tuple[State, str]]], tmp_path: Path
) -> None:
    shutil.copytree(sound[0], tmp_path / "lake")
    assert lake(tmp_path, allocations=halves()).heal()
    damage(tmp_path / "lake")
    with_rules = told(evaluated(lake(tmp_path, allocations=halves())))
    assert with_rules == told(evaluated(lake(tmp_path)))


def halves() -> Rules:
    """Each time anew: they remember what they moved."""
    by = ByWeights({"a": Decimal(1), "b": Decimal(1)})
    return Rules((Allocation("shared", "ServiceName = 'compute'", "team", by),), condition_columns())


@pytest.mark.parametrize("by", ["ServiceName", "ResourceId"])
@pytest.mark.parametrize(("damage", "unknown", "repaired"), DAMAGES.values(), ids=DAMAGES)
def test_its_costs_are_unknown_where_verdicts_over_them_are(
    damage: Callable[[Path], None],
    unknown: set[str],
    repaired: str,
    by: str,
    sound: tuple[Path, dict[str, tuple[State, str]]],
    tmp_path: Path,
) -> None:
    shutil.copytree(sound[0], tmp_path / "lake")
    before = _costs(lake(tmp_path), by)
    assert None not in before[0].values()
    damage(tmp_path / "lake")
    amounts, whole, notes = _costs(lake(tmp_path), by)
    other_table = "costs" if by == "ServiceName" else "sums"
    unread = damage is DAMAGES[f"{other_table} unreadable"][0]  # it has its size, and its rows are not asked for
    if "services compute" not in unknown or unread:
        assert (amounts, whole, notes) == before
        return
    assert whole == [None]
    assert [one for one in notes if "costs of aws are unknown" in one and repaired in one] == notes
    of_rows = by == "ResourceId"
    # of rows that are left out nobody knows the group
    assert {name: amount for name, amount in amounts.items() if amount is not None} == (
        {} if of_rows else {"network": before[0]["network"]}
    )


def _costs(own: DeltaLake, by: str) -> tuple[dict[str, Decimal | None], list[Decimal | None], list[str]]:
    config = SimpleNamespace(timezone=UTC, fiscal_year_starts=1, currency="EUR", settling=timedelta(days=2))
    settings: Any = SimpleNamespace(config=config, read=lambda: Settings("EUR"))
    freshness: Any = SimpleNamespace(read=lambda at: [standing(name, through=AS_OF) for name in ("aws", "azure")])
    own.heal()
    reader = CostReader(own, freshness, condition_columns(), settings, StoppedClock(AS_OF))
    question = CostQuestion(date(2026, 3, 1), date(2026, 5, 1), (by,), Every.MONTH)
    report = reader.report(reader.understand(question))
    totals = {one.group[0]: one.amounts[0] for one in report.totals}
    return totals, [one.amounts[0] for one in report.whole], list(report.notes)


@pytest.mark.parametrize("damage", ["log lost", "newest commit lost", "commits swapped", "commits are no JSON"])
def test_costs_without_their_log_are_to_be_restored(
    damage: str, sound: tuple[Path, dict[str, tuple[State, str]]], tmp_path: Path
) -> None:
    shutil.copytree(sound[0], tmp_path / "lake")
    LOG_DAMAGES[damage](tmp_path / "lake" / "costs")
    with pytest.raises(FinopsError) as caught:
        evaluated(lake(tmp_path))
    assert "lake/costs" in caught.value.where
    assert "Restore the folder 'costs' with its _delta_log from a backup" in caught.value.remedy


@pytest.mark.parametrize("damage", [name for name in LOG_DAMAGES if name != "rows wrong"])
def test_a_broken_scopes_table_is_named_with_its_repair_or_changes_no_verdict(
    damage: str, sound: tuple[Path, dict[str, tuple[State, str]]], tmp_path: Path
) -> None:
    at, before = sound
    shutil.copytree(at, tmp_path / "lake")
    LOG_DAMAGES[damage](tmp_path / "lake" / "scopes")
    own = lake(tmp_path)
    try:
        own.heal()  # as every start does
        found = told(evaluated(own))
    except FinopsError as error:
        assert "finops lake rebuild" in error.remedy  # noqa: PT017 - some damages are harmless, the others are named
        own.rebuild(lambda _done, _total: None)
        found = told(evaluated(own))
    assert found == before


@pytest.mark.parametrize("name", ["foreign rows", "costs lost", "sums lost"])
def test_a_running_service_notices_a_damage_and_its_end(name: str, tmp_path: Path) -> None:
    own, cache = filled(tmp_path), EvaluationCache()
    before = told(evaluated(own, cache))
    shutil.copytree(tmp_path / "lake", tmp_path / "backup")
    DAMAGES[name][0](tmp_path / "lake")
    assert evaluated(own, cache).lake_faults
    shutil.rmtree(tmp_path / "lake")
    shutil.copytree(tmp_path / "backup", tmp_path / "lake")
    result = evaluated(own, cache)
    assert (told(result), result.lake_faults) == (before, ())


@pytest.mark.parametrize("name", ["foreign rows", "costs lost", "demand lost", "emissions truncated"])
def test_collecting_again_repairs_it(name: str, tmp_path: Path) -> None:
    """Although the provider has nothing new."""
    own = filled(tmp_path)
    before = told(evaluated(own))
    DAMAGES[name][0](tmp_path / "lake")
    again = lake(tmp_path)
    digests = {period: known.digest for period, known in again.known("aws").items()}
    again.replace(delivery(rows(line("1"), line("2", period=APRIL)), periods=list(digests)), run("again"))
    again.replace_demand([NewSeries("orders", series("7"), "o")], run())
    again.replace_emissions([NewSeries("aws", emitted((date(2026, 2, 1), date(2026, 3, 1), "100")), "a")], run())
    result = evaluated(again)
    assert (told(result), result.lake_faults) == (before, ())


def test_another_source_is_collected_beside_foreign_rows(tmp_path: Path) -> None:
    own = filled(tmp_path)
    foreign(tmp_path / "lake", "aws")
    own.replace(delivery(rows(line("90", ServiceName="network")), "b", source="azure"), run())
    result = evaluated(own)
    assert told(result)["azure"][0] is State.FIRING
    assert told(result)["aws"][0] is State.UNKNOWN
    own.replace(delivery(rows(line("1")), "c"), run())
    result = evaluated(own)
    assert (told(result)["aws"][0], result.lake_faults) == (State.OK, ())
