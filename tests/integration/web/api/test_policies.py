"""Policies over HTTP: their file, digest and tests, and what is wrong with the files now."""

from __future__ import annotations

import httpx

from tests.integration.web.api.world import POLICIES, World


def test_policies_name_their_file_their_tests_and_their_verdicts(viewer: httpx.Client, served: World) -> None:
    by_service, everything = viewer.get("/api/v1/policies").json()
    assert (everything["name"], everything["file"], everything["line"]) == ("everything", "policies/all.yaml", 1)
    assert everything["tests"] == ["policies/all.test.yaml"]
    assert (by_service["tests"], by_service["owner"]) == ([], "platform")
    assert sum(by_service["states"].values()) == len(viewer.get("/api/v1/findings?policy=by-service").json())
    assert [one["name"] for one in viewer.get("/api/v1/policies?owner=finance&kind=Budget").json()] == ["everything"]
    one = viewer.get("/api/v1/policies/everything").json()
    assert "All that is billed" in one.pop("text")
    assert one == everything
    assert viewer.get("/api/v1/policies/nobody").status_code == 404
    assert str(served.folder) not in viewer.get("/api/v1/policies").text


def test_a_file_that_is_broken_keeps_the_last_good_policies_and_is_named(own: World, client: httpx.Client) -> None:
    file = own.folder / "policies" / "all.yaml"
    good = client.get("/api/v1/policies").json()
    assert client.get("/api/v1/policy-faults").json() == {"faults": []}
    file.write_text(POLICIES.replace("period: month", "perod: month", 1), encoding="utf-8")
    faults = client.get("/api/v1/policy-faults").json()["faults"]
    assert "policies/all.yaml:6:3: unknown key 'perod'. Did you mean 'period'?" in faults
    assert client.get("/api/v1/policies").json() == good
    file.write_text(POLICIES, encoding="utf-8")
    assert client.get("/api/v1/policy-faults").json() == {"faults": []}


def test_the_tests_of_a_policy_come_out_now(viewer: httpx.Client, served: World) -> None:
    [test] = viewer.get("/api/v1/policies/everything/tests").json()
    assert (test["place"], test["passed"], test["faults"]) == ("policies/all.test.yaml:1", True, [])
    assert viewer.get("/api/v1/policies/by-service/tests").json() == []
    assert viewer.get("/api/v1/policies/nobody/tests").status_code == 404
