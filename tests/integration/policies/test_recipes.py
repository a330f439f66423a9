"""Every recipe can be pasted as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from finops.config.plugins import policy_kinds
from finops.focus.schema import condition_columns
from finops.policy.load import read_policies

PAGE = Path(__file__).parents[3] / "docs/recipes/README.md"
DEMAND = ("orders", "visitors", "requests", "tokens")


def recipes() -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_each_complaint_has_a_policy_without_a_fault() -> None:
    page, texts = PAGE.read_text(encoding="utf-8"), recipes()
    columns = condition_columns().with_dimensions(("team", "environment", "product"))
    kinds = policy_kinds().load_all()
    found = read_policies("---\n".join(texts), shown_as="recipes.yaml", kinds=kinds, columns=columns, demand=DEMAND)
    listed = re.findall(r"^\| .* \| \[(.+)\]\(#", page, re.MULTILINE)
    assert len(found) == len(texts) == len(listed) == 25
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == listed
