"""Names made up to harm, in a chat."""

from __future__ import annotations

import pytest

from finops.model.finding import Severity
from finops_exporters.apprise import body_of, harmless, title_of
from tests.support.hostile_names import HOSTILE_NAMES
from tests.support.profiles import PROFILES
from tests.support.verdicts import notice, verdict


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_a_name_is_no_markup_no_mention_and_no_link(name: str) -> None:
    shown = harmless(name)

    assert not set("<>*`[]~|@#!\n\r\x00\x1b\u202e\u2066") & set(shown)
    assert "://" not in shown
    assert len(shown) <= 300


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_a_message_of_such_names_is_short_and_its_lines_are_ours(name: str) -> None:
    finding = verdict(policy=name, owner=name, group={name: name}, reason=name, severity=Severity.CRITICAL)
    many = [notice(finding=finding, note=name, link="https://finops.example.com/x")] * 50
    plain = [notice(finding=verdict(group={"team": "a"}), note="n", link="https://finops.example.com/x")] * 50

    assert len(title_of(many, PROFILES).splitlines()) == 1
    assert len(body_of(many, PROFILES, "k").splitlines()) <= len(body_of(plain, PROFILES, "k").splitlines())
    assert len(body_of(many, PROFILES, "k")) < 30_000
    assert {part for part in body_of(many, PROFILES, "k").split() if "://" in part} == {"https://finops.example.com/x"}
