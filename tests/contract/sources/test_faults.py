"""Every fault of every provider: a clear error or the right rows, the lake whole, and the next run heals."""

from __future__ import annotations

import ast
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from finops import errors
from finops.app.collection.source import collect
from finops.errors import FinopsError
from finops.focus.delivery import deliver
from finops.lake import DeltaLake
from finops.model.collection import CollectionOutcome
from finops.ports.lake import Run
from tests.contract.sources.conftest import Clock, modules, skip_gap
from tests.contract.sources.place import FAULTS, MARCH, NAME, Case, Place
from tests.contract.sources.test_bills import billed, lines

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.name.lower())
def test_a_fault_leaves_the_lake_whole_and_the_next_run_heals(
    place: Place, case: Case, lake: DeltaLake, clock: Clock
) -> None:
    skip_gap(place, case)
    before, after = lines(MARCH, "2.25", "4.05"), lines(MARCH, "2.25", "5.00", "0.10")
    place.bill(MARCH, *before)
    assert collect(place.source(), lake, clock).run.error == ""
    place.bill(MARCH, *after)

    with place.fault(case, MARCH), capture_logs() as logs:
        run = collect(place.source(), lake, clock).run
    is_new = run.outcome is CollectionOutcome.OK
    assert billed(lake) == {MARCH: sum(line.cost for line in (after if is_new else before))}
    if run.outcome is CollectionOutcome.FAILED:
        (failed,) = [line for line in logs if line["event"] == "collection failed"]  # retries are logged too
        assert issubclass(getattr(errors, failed["reason"]), FAULTS[case]), run.error
        assert run.error.count(": ") > 0  # where, before what
        assert "Traceback" not in run.error
    else:
        assert run.error == ""
    assert [secret for secret in place.secrets if secret in run.error] == []
    if case is Case.THROTTLED and Case.COUNTED not in place.gaps:
        assert run.throttled > 0

    assert collect(place.source(), lake, clock).run.error == ""
    assert billed(lake) == {MARCH: sum(line.cost for line in after)}


@pytest.mark.parametrize("case", [Case.EXPIRED, Case.DENIED, Case.THROTTLED], ids=lambda case: case.name.lower())
def test_a_check_says_what_is_wrong(place: Place, case: Case) -> None:
    skip_gap(place, case)
    place.bill(MARCH, *lines(MARCH, "2.25"))
    with place.fault(case, MARCH):
        checks = place.source().check()
    failed = [check for check in checks if not check.passed]
    assert failed or case is Case.THROTTLED  # which may be over by the next try
    assert [secret for secret in place.secrets for check in checks if secret in check.detail] == []


def test_a_restatement_in_mid_collection_never_mixes(place: Place, lake: DeltaLake, clock: Clock) -> None:
    before, after = lines(MARCH, "2.25", "4.05"), lines(MARCH, "2.25", "5.00", "0.10")
    place.bill(MARCH, *before)
    source = place.source()
    offers = source.discover({}).offers
    place.bill(MARCH, *after)
    try:
        lake.replace(deliver(NAME, offers), Run("run", clock.now()))
    except FinopsError:
        assert lake.known(NAME) == {}
    else:
        sums = {sum(line.cost for line in before), sum(line.cost for line in after)}
        assert billed(lake)[MARCH] in sums
    assert collect(source, lake, clock).run.error == ""
    assert billed(lake) == {MARCH: sum(line.cost for line in after)}


def test_an_offer_that_is_known_stays_readable(place: Place, lake: DeltaLake, clock: Clock) -> None:
    """A lake that lost a month has it collected again."""
    place.bill(MARCH, *lines(MARCH, "2.25"))
    source = place.source()
    assert collect(source, lake, clock).run.error == ""
    (offer,) = source.discover({}).offers
    assert offer.parts


def test_gaps_say_why(place: Place) -> None:
    assert [case.name for case, reason in place.gaps.items() if len(reason.split()) < 4] == []


def test_a_killed_collection_is_tested(place: Place) -> None:
    path, _, name = place.killed.partition("::")
    functions = {
        node.name for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.FunctionDef)
    }
    assert name in functions


def test_every_kind_that_is_installed_has_a_place() -> None:
    kinds = {entry.name for entry in entry_points(group="finops.sources") if entry.value.startswith("finops.")}
    assert kinds - {module.KIND for module in modules()} == set()
