"""What every source keeps while nothing is wrong, wherever its bills stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from finops.app.collection.source import Collected, collect
from finops.errors import NotFound
from finops.focus.delivery import deliver
from finops.lake import DeltaLake
from finops.model.collection import CollectionOutcome
from finops.model.completeness import Completeness
from finops.ports.lake import Known
from finops.ports.source import Discovery
from tests.contract.sources.conftest import Clock, skip_gap
from tests.contract.sources.place import ACCOUNT, APRIL, FEBRUARY, MARCH, NAME, Case, Line, Place

OK, UNCHANGED = CollectionOutcome.OK, CollectionOutcome.UNCHANGED
MONTHS = (FEBRUARY, MARCH, APRIL)


def lines(month: date, *costs: str) -> list[Line]:
    """One charge a day from the first on."""
    return [Line(month + timedelta(days=number), Decimal(cost)) for number, cost in enumerate(costs)]


def fill(place: Place) -> None:
    place.bill(FEBRUARY, *lines(FEBRUARY, "1.50"))
    place.bill(MARCH, *lines(MARCH, "2.25", "4.05"))
    place.bill(APRIL, *lines(APRIL, "8.10"))


def digests(discovery: Discovery) -> dict[date, str]:
    return {offer.billing_period: offer.digest for offer in discovery.offers}


def taken(discovery: Discovery) -> dict[date, Known]:
    """What the lake knows after it took everything; manifests have been through JSON."""
    return {
        offer.billing_period: Known(
            offer.billing_period,
            offer.digest,
            rows=1,
            sums={},
            run_id="run",
            written_at=datetime(2026, 5, 1, tzinfo=UTC),
            costs_version=0,
            completeness=Completeness(),
            manifest=json.loads(json.dumps(offer.manifest)),
        )
        for offer in discovery.offers
    }


def billed(lake: DeltaLake) -> Mapping[date, Decimal]:
    """BilledCost by month, as readers see it; both cost tables agree."""
    assert lake.reconcile() == []
    rows = lake.at(lake.version()).costs().select("billing_period", "BilledCost").collect()
    return dict(rows.group_by("billing_period").sum().sort("billing_period").iter_rows())


@pytest.fixture
def collected(place: Place, lake: DeltaLake, clock: Clock) -> Collected:
    fill(place)
    return collect(place.source(), lake, clock)


def test_a_first_collection_brings_every_cent(collected: Collected, lake: DeltaLake) -> None:
    assert (collected.run.error, collected.run.outcome) == ("", OK)
    assert collected.run.periods == MONTHS
    assert billed(lake) == {FEBRUARY: Decimal("1.50"), MARCH: Decimal("6.30"), APRIL: Decimal("8.10")}


def test_nothing_new_writes_nothing(collected: Collected, place: Place, lake: DeltaLake, clock: Clock) -> None:
    version = lake.version()
    again = collect(place.source(), lake, clock)
    assert (again.run.error, again.run.outcome) == ("", UNCHANGED)
    assert lake.version() == version
    assert again.run.complete_through == collected.run.complete_through


def test_a_restatement_replaces_its_month_and_no_other(
    collected: Collected, place: Place, lake: DeltaLake, clock: Clock
) -> None:
    place.bill(MARCH, *lines(MARCH, "2.25", "5.00"))
    again = collect(place.source(), lake, clock)
    assert (again.run.error, again.run.periods) == ("", (MARCH,))
    assert list(again.run.restated.values()) == [Decimal("0.95")]
    assert billed(lake) == {FEBRUARY: Decimal("1.50"), MARCH: Decimal("7.25"), APRIL: Decimal("8.10")}


def test_a_correction_lands_in_its_month(collected: Collected, place: Place, lake: DeltaLake, clock: Clock) -> None:
    skip_gap(place, Case.CORRECTED)
    place.bill(MARCH, *lines(MARCH, "2.25", "4.05"), Line(FEBRUARY, Decimal("-0.30"), correction=True))
    assert collect(place.source(), lake, clock).run.error == ""
    assert billed(lake)[MARCH] == Decimal("6.00")
    rows = lake.at(lake.version()).costs().filter(ChargeClass="Correction").collect()
    (row,) = rows.iter_rows(named=True)
    assert (row["billing_period"], row["ChargePeriodStart"].date()) == (MARCH, FEBRUARY)


def test_a_month_without_rows_any_more_is_emptied(
    collected: Collected, place: Place, lake: DeltaLake, clock: Clock
) -> None:
    skip_gap(place, Case.EMPTY)
    place.bill(APRIL)
    again = collect(place.source(), lake, clock)
    assert again.run.error == ""
    assert list(again.run.restated.values()) == [Decimal("-8.10")]
    assert billed(lake) == {FEBRUARY: Decimal("1.50"), MARCH: Decimal("6.30")}


def test_a_month_that_vanishes_is_noted_not_emptied(
    collected: Collected, place: Place, lake: DeltaLake, clock: Clock
) -> None:
    skip_gap(place, Case.VANISHED)
    place.withdraw(APRIL)
    again = collect(place.source(), lake, clock)
    assert any("2026-04" in note for note in again.run.notes)
    assert billed(lake)[APRIL] == Decimal("8.10")


def test_each_month_is_offered_once_oldest_first(place: Place) -> None:
    fill(place)
    discovery = place.source().discover({})
    assert [offer.billing_period for offer in discovery.offers] == list(MONTHS)
    assert discovery.notes == ()
    assert all(offer.parts for offer in discovery.offers)


def test_the_same_content_has_the_same_digests(place: Place) -> None:
    fill(place)
    first = place.source().discover({})
    assert digests(place.source().discover({})) == digests(place.source().discover(taken(first))) == digests(first)


def test_a_part_opens_again(place: Place) -> None:
    fill(place)
    for offer in place.source().discover({}).offers:
        for part in offer.parts:
            assert part.open().collect().equals(part.open().collect())


def test_account_ids_keep_their_zeros(place: Place) -> None:
    skip_gap(place, Case.ACCOUNT)
    fill(place)
    rows = deliver(NAME, place.source().discover({}).offers).rows.collect(engine="streaming")
    assert ACCOUNT in {*rows["BillingAccountId"], *rows["SubAccountId"]}


def test_what_it_keeps_is_small_plain_and_without_secrets(place: Place) -> None:
    fill(place)
    for offer in place.source().discover({}).offers:
        kept = json.dumps(offer.manifest)
        assert len(kept) < 2_000
        assert [secret for secret in place.secrets if secret in kept] == []


def test_a_place_without_bills_is_an_error_of_ours(place: Place) -> None:
    skip_gap(place, Case.ELSEWHERE)
    source = place.elsewhere()
    with pytest.raises(NotFound) as caught:
        source.discover({})
    assert caught.value.remedy
    failed = [check for check in source.check() if not check.passed]
    assert failed
    assert "elsewhere" in failed[0].detail


def test_checks_pass_where_all_is_well(place: Place) -> None:
    fill(place)
    checks = place.source().check()
    assert checks
    assert [check.detail for check in checks if not check.passed] == []


def test_construction_touches_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AZURE_STORAGE_ACCOUNT_KEY"):
        monkeypatch.delenv(name, raising=False)
    source = place.source()
    assert (source.name, source.usage.requests) == (NAME, 0)
