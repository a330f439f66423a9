"""The documentation of metrics is the catalogue's own."""

from __future__ import annotations

from pathlib import Path

from finops.publish.kinds_page import kinds_page
from finops.publish.metrics_page import metrics_page
from tests.support.profiles import PROFILES

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_the_page_in_docs_is_the_generated_one() -> None:
    remedy = "write finops.publish.metrics_page.metrics_page() to docs/metrics.md"
    assert PAGE.read_text(encoding="utf-8") == metrics_page(PROFILES), remedy


def test_the_index_of_policies_is_the_generated_one() -> None:
    remedy = "write finops.publish.kinds_page.kinds_page(policy_profiles()) to docs/policies/README.md"
    page = PAGE.parent / "policies" / "README.md"
    assert page.read_text(encoding="utf-8") == kinds_page(PROFILES), remedy
