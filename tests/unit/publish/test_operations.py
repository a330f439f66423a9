"""Logs, freshness and counts -> facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from finops.model.collection import CollectionOutcome, CollectionRun, SourceHistory
from finops.model.message import DeliveryOutcome
from finops.model.operations import OutboxFacts, SourceFacts
from finops.model.source_freshness import SourceFreshness
from tests.support.snapshots import AS_OF

STANDING = SourceFreshness("aws", "aws-data-export", AS_OF, AS_OF - timedelta(days=1), up=False, error="no credentials")
RUN = CollectionRun("r1", "aws", "aws-data-export", AS_OF, AS_OF + timedelta(seconds=30), CollectionOutcome.FAILED)


def test_a_source_that_never_ran_has_a_standing_only() -> None:
    facts = SourceFacts.of(STANDING, None, rows=0)
    assert (facts.name, facts.kind, facts.up, facts.error) == ("aws", "aws-data-export", False, "no credentials")
    assert (facts.last_success_at, facts.complete_through) == (AS_OF, AS_OF - timedelta(days=1))
    assert (facts.collect_duration_seconds, facts.restated) == (None, {})


def test_totals_come_from_every_run_and_the_restatement_from_the_newest_delivery() -> None:
    delivered = replace(RUN, outcome=CollectionOutcome.OK, restated={"EUR": Decimal("-3.5")})
    history = SourceHistory(RUN, delivered, delivered, requests=7, throttled=2, request_cost_usd=Decimal("0.07"))
    facts = SourceFacts.of(STANDING, history, rows=12)
    assert (facts.requests, facts.throttled, facts.request_cost_usd, facts.rows) == (7, 2, 0.07, 12)
    assert facts.restated == {"EUR": Decimal("-3.5")}
    assert facts.collect_duration_seconds == 30.0


def test_configured_receivers_count_from_zero_and_former_ones_stay() -> None:
    facts = OutboxFacts.of(["finance", "hook"], {"hook": 2}, {("former", DeliveryOutcome.PARKED): 4})
    assert facts.pending == {"finance": 0, "hook": 2}
    assert facts.deliveries["former", "parked"] == 4
    assert facts.deliveries["finance", "delivered"] == 0
    assert len(facts.deliveries) == 2 * len(DeliveryOutcome) + 1
