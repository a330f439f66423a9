"""One test of a policy, checked and ready to run, and the JSON Schema of ``*.test.yaml`` for editors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from finops.documents import Document
from finops.model.money import Money
from finops.model.policy import Policy
from finops.policy.testing.file_model import Expectation, PolicyTestFile


@dataclass(frozen=True, slots=True)
class PolicyCase:
    """``costs``: ``day`` (Date) and the columns that the test names, typed, one row a day; what is empty is null.

    ``demand``: ``name``, ``day``, ``value``, ``dimensions`` (JSON text). ``emissions``: ``day``, ``grams`` and
    labels, like ``costs``. ``commitments``: columns of the lake's table, one row a commitment.
    ``delivered``: up to when each source delivered (None: never); the empty name stands for every source that is not
    named. ``rates``: what one unit of a currency is worth. ``document`` knows where everything stands.
    """

    name: str
    policy: Policy
    now: datetime
    costs: pl.DataFrame
    demand: pl.DataFrame
    emissions: pl.DataFrame
    commitments: pl.DataFrame
    delivered: Mapping[str, datetime | None]
    rates: Mapping[str, Money]
    expected: tuple[Expectation, ...]
    document: Document = field(repr=False)

    @property
    def place(self) -> str:
        """``policies/checkout.test.yaml:1``: where the test starts."""
        line, _ = self.document.place(("policy",))
        return f"{self.document.file}:{line}"


def policy_test_schema(measures: Collection[str]) -> dict[str, Any]:
    """JSON Schema 2020-12 of one document of a test file. ``measures``: of all installed kinds, to complete them."""
    schema = PolicyTestFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "test of a finops policy"
    schema["$defs"]["Expectation"]["properties"]["measure"] |= {"examples": sorted(measures)}
    return schema
