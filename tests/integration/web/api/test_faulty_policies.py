"""What the service does while policy files are faulty or missing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from finops.alert.absence import SECOND_LOOK
from finops.app.policies.policy_texts import PolicyShelf
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
        assert (firing(world), world.verdicts.policy_faults) == (before, 2)
        shelved = PolicyShelf(world.container.policies, world.container.state.policy_texts).look()
        assert ([policy.name for policy in shelved.policies], len(shelved.faults)) == (["by-service", "everything"], 2)


def test_an_emptied_folder_ends_no_alert_before_a_second_look(tmp_path: Path) -> None:
    with judged(tmp_path) as world:
        before = firing(world)
        (tmp_path / "policies" / "all.yaml").unlink()

        assert evaluate(world) == set()
        assert firing(world) == before
        evaluate(world, SECOND_LOOK)
        assert firing(world) == set()
