"""The history of incidents as a page, and accepting a new level from the page of an alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from finops.model.alert import AlertChange, AlertRecord, AlertState, AlertStatus, ChangeReason
from finops.model.finding import Severity
from finops.model.incident import Incident, IncidentDay, IncidentEnd
from finops.ports.incidents import IncidentRecord
from finops.ports.pages import Reader
from tests.support.snapshots import AS_OF
from tests.support.verdicts import verdict
from tests.unit.exporters.pages_read import StillFacts, answer, html, read

SINCE = date(2026, 3, 14)
DAYS = {SINCE + timedelta(days=at): IncidentDay(Decimal(300 + at), Decimal(100)) for at in range(3)}
OPEN = Incident(
    "i1", "<b>unusual</b>", "Anomaly", "sha256:1", {"team": "<i>search"}, "platform", "a1", SINCE, "EUR", DAYS, AS_OF
)
ACCEPTED = replace(
    OPEN, id="i2", policy="other", end=IncidentEnd.ACCEPTED, actor="ada", reason="a larger database", ended_at=AS_OF
)
ACK = AlertChange(
    "a1", 2, AS_OF, "bob", ChangeReason.ACKNOWLEDGED, AlertStatus.FIRING, AlertStatus.ACKNOWLEDGED,
    Severity.WARNING, "", "", (), "the load test",
)  # fmt: skip
RECORDS = (IncidentRecord(OPEN, (ACK,)), IncidentRecord(ACCEPTED))
FIRING = AlertRecord("a1", AlertState.FIRING, Severity.WARNING, verdict(kind="Anomaly"), AS_OF, AS_OF)
VIEWER = Reader("ben", may_respond=False, token_field="form_token", form_token="")


def test_incidents_are_listed_with_cost_above_expectation_end_and_what_was_done() -> None:
    page = read(None, "/incidents", StillFacts(incident_records=RECORDS))
    assert "2 incidents, 1 open." in page
    assert "14 March to 16 March 2026 3 days +603.00 EUR 302.00 EUR 16 March 2026 Open" in page
    assert "Acknowledged by bob, 20 March 2026, 06:00 UTC: the load test" in page
    assert "New level accepted By ada: A larger database." in page
    source = html(None, "/incidents", StillFacts(incident_records=RECORDS))
    assert "<b>unusual" not in source
    assert "<i>search" not in source
    assert 'href="/alerts/a1"' in source
    unalerted = StillFacts(incident_records=[replace(RECORDS[1], alerted=False)])
    assert 'href="/policies/other?group=team%3D%3Ci%3Esearch"' in html(None, "/incidents", unalerted)


def test_the_filter_is_in_the_address_and_an_empty_list_says_why() -> None:
    facts = StillFacts(incident_records=RECORDS)
    assert "1 incident, none open." in read(None, "/incidents?policy=other", facts)
    assert "1 incident, 1 open." in read(None, "/incidents?state=open", facts)
    assert "No incident matches the filter." in read(None, "/incidents?policy=gone", facts)
    assert "No incidents yet. A day that meets a threshold" in read(None, "/incidents")


def test_a_long_list_has_pages_that_keep_the_filter() -> None:
    many = StillFacts(incident_records=[IncidentRecord(replace(OPEN, id=f"i{at}")) for at in range(120)])
    page = html(None, "/incidents?state=open&page=2", many)
    assert "51 to 100 of 120" in page
    assert "/incidents?state=open&amp;page=3" in page


def test_only_a_responder_may_accept_the_level_of_an_open_incident() -> None:
    form = 'action="/alerts/a1/accept"'
    facts = StillFacts(records=[FIRING], incident_records=RECORDS[:1])
    assert form in html(None, "/alerts/a1", facts)
    assert "+603.00 EUR against the expected cost" in read(None, "/alerts/a1", facts)
    assert form not in answer(None, "/alerts/a1", facts, reader=VIEWER).body.decode()
    ended = StillFacts(records=[FIRING], incident_records=[IncidentRecord(replace(ACCEPTED, alert_id="a1"))])
    assert form not in html(None, "/alerts/a1", ended)
    assert form not in html(None, "/alerts/a1", StillFacts(records=[FIRING]))
