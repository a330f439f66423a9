"""What the service does while policy files are faulty or missing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from finops.alert.absence import SECOND_LOOK
from finops.alert.policy_files import POLICY
from finops.app.alerts import respond
from finops.app.policies.policy_files import confirm_removals
from finops.app.reporting.make import statement_policies
from finops.config.plugins import policy_kinds
from finops.errors import BadArguments
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import AnyKind, Verdict
from finops.model.alert import AlertStatus
from finops.model.audit import Actor, Proof
from finops.model.finding import Severity, State
from tests.integration.web.api.world import POLICIES, Judged, judged

STEP = timedelta(minutes=1)


def firing(world: Judged) -> set[str]:
    return {record.policy for record in world.container.state.alerts.alerts(live=True)}


def evaluate(world: Judged, after: timedelta = STEP) -> set[str]:
    world.clock.advance(after)
    snapshot = world.verdicts.evaluate()
    assert snapshot is not None, world.verdicts.error
    return {policy.name for policy in snapshot.policies}


def test_a_faulty_file_keeps_its_verdicts_and_alerts(tmp_path: Path) -> None:
    with judged(tmp_path) as world:
        before = firing(world)
        (tmp_path / "policies" / "all.yaml").write_text(POLICIES.replace("amount", "amuont", 1), encoding="utf-8")

        assert evaluate(world) == {"by-service", "everything"}
        faults = world.verdicts.policy_faults
        assert firing(world) == before | {POLICY}
        assert faults is not None
        assert len(faults) == 2
        assert all("all.yaml:" in fault and "its last valid version is evaluated" in fault for fault in faults)
        listing = world.container.policies.listing()
        assert ([policy.name for policy in listing.policies], len(listing.faults)) == (["by-service", "everything"], 2)


def test_an_emptied_folder_ends_no_alert_before_a_second_look(tmp_path: Path) -> None:
    with judged(tmp_path) as world:
        before = firing(world)
        (tmp_path / "policies" / "all.yaml").unlink()

        assert evaluate(world) == set()
        assert firing(world) == before
        evaluate(world, SECOND_LOOK)
        assert firing(world) == set()


def test_a_removal_that_is_confirmed_withdraws_at_once_and_survives_a_restart(tmp_path: Path) -> None:
    with judged(tmp_path) as world:
        state, file = world.container.state, tmp_path / "policies" / "all.yaml"
        alert = next(record for record in state.alerts.alerts(live=True) if record.policy == "everything")
        respond.acknowledge(state, alert.id, actor=Actor("anna", Proof.TERMINAL), note="known", clock=world.clock)
        file.unlink()
        evaluate(world)
        assert not world.verdicts.inputs_changed()
        with pytest.raises(BadArguments, match="'nobody' is not missing"):
            confirm_removals(world.container.policies, state, ["nobody"])
        assert confirm_removals(world.container.policies, state, []) == ["by-service", "everything"]
        assert world.verdicts.inputs_changed()
        evaluate(world)
        assert state.alerts.alert(alert.id).status is AlertStatus.WITHDRAWN
        assert AlertStatus.WITHDRAWN in {one.status for one in state.alerts.counts(live=False)}
        assert confirm_removals(world.container.policies, state, []) == []
        file.write_text(POLICIES, encoding="utf-8")
        evaluate(world)
        assert state.alerts.alert(alert.id).status is AlertStatus.ACKNOWLEDGED


def test_a_faulty_file_alerts_like_a_policy_until_it_is_fixed(tmp_path: Path) -> None:
    with judged(tmp_path) as world:
        file = tmp_path / "policies" / "new.yaml"
        file.write_text(POLICIES.replace("amount", "amuont").replace("name: ", "name: new-"), encoding="utf-8")
        evaluate(world)
        (own,) = [one for one in world.container.state.alerts.alerts(live=True) if one.policy == POLICY]
        assert (own.group, own.severity, own.told.keys()) == (
            {"file": "policies/new.yaml"},
            Severity.WARNING,
            {"finance"},
        )
        assert "policies/new.yaml:7:3: " in own.finding.reason
        assert str(tmp_path) not in own.finding.reason
        evaluate(world)
        assert world.container.state.alerts.alert(own.id).change == own.change, "told once"
        file.unlink()
        evaluate(world)
        over = world.container.state.alerts.alert(own.id)
        assert (over.status, over.finding.reason) == (AlertStatus.RESOLVED, "the file has no error")


def test_a_statement_counts_the_last_good_version_of_a_faulty_file(tmp_path: Path) -> None:
    with judged(tmp_path) as world:
        before = statement_policies(world.container.policies)
        (tmp_path / "policies" / "all.yaml").write_text(POLICIES.replace("amount", "amuont", 1), encoding="utf-8")
        assert statement_policies(world.container.policies) == before


def test_a_kind_that_fails_on_one_group_makes_that_verdict_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with judged(tmp_path) as world:
        before = firing(world)
        budget = policy_kinds().load_all()["Budget"]
        judge = budget.judge

        def failing(rule: AnyKind, data: GroupData) -> Verdict:
            if data.group == {"ServiceName": "Compute"}:
                raise ZeroDivisionError
            return cast("Verdict", judge(rule, data))

        monkeypatch.setattr(budget, "judge", failing)
        (tmp_path / "policies" / "all.yaml").write_text(POLICIES + "# read anew\n", encoding="utf-8")
        world.clock.advance(STEP)
        found = world.container.evaluator.evaluate(world.clock.now()).evaluation.findings
        unknown = [(one.policy, one.group, one.reason) for one in found if one.state is State.UNKNOWN]

        assert unknown == [
            (
                "by-service",
                {"ServiceName": "Compute"},
                "kind Budget failed to judge this group with ZeroDivisionError: please report it",
            )
        ]
        assert len(found) > 1
        evaluate(world)
        assert firing(world) == before
