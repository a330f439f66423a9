"""The page Radar."""

from __future__ import annotations

from dataclasses import replace

from finops.model.radar import Level, Outcome, Radar
from finops.model.snapshot import Snapshot
from finops.publish.radar_families import radar_families
from tests.support.snapshots import FOUND, ORDERS, RADAR, TOKENS
from tests.unit.exporters.pages_read import answer, html, of, read


def with_radar(radar: Radar | None) -> Snapshot:
    return replace(of(), radar=radar)


def test_a_row_says_how_much_since_when_and_what_it_is_compared_with() -> None:
    page = read(with_radar(RADAR), "/radar")
    for told in (
        "1 cost outgrew demand, by 1,200.50 EUR a month.",
        "24 December 2025 to 17 March 2026 against 1 October to 23 December 2025",
        "+1,200.50 EUR",
        "By 30 June 2026",
        "+4,000.00 EUR",
        "2 February 2026",
        "orders",
        "eu-1 +900.00 EUR",
        "7 groups outgrew nothing.",
        "1 group or pair was not judged: 1 too short a history.",
    ):
        assert told in page, told


def test_names_are_text_and_lead_to_their_costs() -> None:
    page = html(with_radar(RADAR), "/radar")
    assert "<b>EC2</b>" not in page
    assert 'href="/costs?' in page
    assert f'href="/radar/{FOUND.id}/policy.yaml"' in page


def test_its_policy_is_a_file() -> None:
    document = answer(with_radar(RADAR), f"/radar/{FOUND.id}/policy.yaml")
    assert (document.content_type, document.body) == ("application/yaml", b"kind: Growth\n")
    assert answer(with_radar(RADAR), "/radar/r-0/policy.yaml").status == 404
    assert answer(with_radar(None), f"/radar/{FOUND.id}/policy.yaml").status == 404


def test_without_a_radar_nothing_is_said_to_be_fine() -> None:
    for made in (None, with_radar(None)):
        assert "No radar yet." in read(made, "/radar")
    nothing = replace(RADAR, found=(), levels=(Level(("team", "ServiceName"), 9, 0, 0, None),))
    assert "Nothing could be judged." in read(with_radar(nothing), "/radar")
    assert "compared with no demand series" in read(with_radar(replace(nothing, series=())), "/radar")
    judged = replace(RADAR, found=())
    assert "No cost that could be judged outgrew its demand." in read(with_radar(judged), "/radar")


def test_a_series_that_explains_the_growth_is_told() -> None:
    explained = replace(FOUND, outcome=Outcome.EXPLAINED, pairs=(ORDERS, TOKENS))
    page = read(with_radar(replace(RADAR, found=(explained,))), "/radar")
    assert "In step with one series, beyond another" in page
    assert "in step with tokens" in page


def test_an_unknown_level_is_refused_with_those_that_there_are() -> None:
    document = answer(with_radar(RADAR), "/radar?by=region")
    assert document.status == 422
    assert "team,ServiceName; team" in document.body.decode()


def test_a_stored_snapshot_keeps_it() -> None:
    made = with_radar(RADAR)
    assert Snapshot.from_bytes(made.to_bytes()).radar == RADAR


def test_metrics_are_of_the_first_level_alone() -> None:
    level_two = replace(FOUND, group={"team": "shop"})
    families = {family.name: family.samples for family in radar_families(replace(RADAR, found=(FOUND, level_two)))}
    assert families["finops_radar_beyond_demand_amount"] == (
        (("ServiceName=<b>EC2</b>,team=shop", "orders", "EUR"), 1200.5),
    )
    assert dict(families["finops_radar_groups"]) == {
        ("beyond",): 1.0, ("explained",): 0.0, ("growing",): 0.0, ("in_step",): 7.0,
    }  # fmt: skip
