"""What every source keeps, wherever its bills stand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finops.errors import FinopsError, NotFound, RefusedBatch
from finops.focus import deliver
from finops.ports.lake import Known
from finops.ports.source import Discovery
from tests.contract.sources.conftest import Place, months

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


def digests(discovery: Discovery) -> dict[date, str]:
    return {offer.billing_period: offer.digest for offer in discovery.offers}


def taken(discovery: Discovery) -> dict[date, Known]:
    return {
        offer.billing_period: Known(
            offer.billing_period,
            offer.digest,
            rows=1,
            sums={},
            run_id="run",
            written_at=datetime(2026, 5, 1, tzinfo=UTC),
            costs_version=0,
            complete_through=None,
            manifest=json.loads(json.dumps(offer.manifest)),
        )
        for offer in discovery.offers
    }


def test_it_offers_each_period_once_oldest_first(place: Place) -> None:
    discovery = place.make().discover({})
    assert [offer.billing_period for offer in discovery.offers] == [FEBRUARY, MARCH, APRIL]
    assert discovery.notes == ()
    assert all(offer.parts for offer in discovery.offers)


def test_the_same_content_has_the_same_digests(place: Place) -> None:
    first = place.make().discover({})
    assert digests(place.make().discover({})) == digests(place.make().discover(taken(first))) == digests(first)


def test_restated_content_changes_its_periods(place: Place) -> None:
    first = place.make().discover({})
    place.put("bills/2026-03.csv", months(2, 3, cost="7"))
    second = place.make().discover(taken(first))
    assert {period for period in digests(second) if digests(second)[period] != digests(first)[period]} == {
        FEBRUARY,
        MARCH,
    }
    delivery = deliver("bills", second.offers)
    rows = delivery.rows.collect(engine="streaming")
    assert rows.filter(billing_period=FEBRUARY)["BilledCost"].to_list() == [Decimal(7)]


def test_a_period_that_vanishes_is_noted_not_emptied(place: Place) -> None:
    first = place.make().discover({})
    place.remove("bills/2026-04.parquet")
    second = place.make().discover(taken(first))
    assert APRIL not in digests(second)
    assert any("2026-04" in note for note in second.notes)


def test_its_rows_conform_and_each_arrives_once(place: Place) -> None:
    delivery = deliver("bills", place.make().discover({}).offers)
    rows = delivery.rows.collect(engine="streaming")
    assert dict(rows["billing_period"].value_counts().iter_rows()) == {FEBRUARY: 1, MARCH: 2, APRIL: 1}
    assert rows["BillingAccountId"].unique().to_list() == ["000123456789"]
    assert delivery.verify().rows == 4


def test_a_part_opens_again(place: Place) -> None:
    for offer in place.make().discover({}).offers:
        for part in offer.parts:
            assert part.open().collect().equals(part.open().collect())


def test_what_it_keeps_is_small_plain_and_without_secrets(place: Place) -> None:
    for offer in place.make().discover({}).offers:
        kept = json.dumps(offer.manifest)
        assert len(kept) < 2_000
        assert "testing" not in kept
        assert "Eby8vdM02xNOcqFl" not in kept


def test_a_place_without_bills_is_an_error_of_ours(place: Place) -> None:
    source = place.make_elsewhere()
    with pytest.raises(NotFound) as caught:
        source.discover({})
    assert caught.value.remedy
    (check,) = source.check()
    assert not check.passed
    assert "elsewhere" in check.detail


def test_damaged_content_is_an_error_of_ours_with_its_name(place: Place) -> None:
    place.put("bills/2026-03.csv", b"no bill")
    with pytest.raises(RefusedBatch) as caught:
        place.make().discover({})
    assert "2026-03.csv" in caught.value.where


def test_content_that_vanishes_while_it_is_collected_is_an_error_of_ours(place: Place) -> None:
    offers = place.make().discover({}).offers
    place.remove("bills/2026-04.parquet")
    with pytest.raises(FinopsError) as caught:
        deliver("bills", offers)
    assert "2026-04.parquet" in caught.value.where


def test_checks_pass_where_all_is_well(place: Place) -> None:
    source = place.make()
    assert [check.detail for check in source.check() if not check.passed] == []


def test_construction_touches_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AZURE_STORAGE_ACCOUNT_KEY"):
        monkeypatch.delenv(name, raising=False)
    source = place.make()
    assert (source.name, source.kind, source.usage.requests) == ("bills", "focus-files", 0)
