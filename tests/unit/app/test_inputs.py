"""What an evaluation was made from comes back as it went in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from finops.app.evaluation.inputs import archive, recall
from finops.collect.rates.ecb_file import parse_rates
from finops.model.calendar import Calendar
from finops.model.dimension import Dimension, Else, FromTags, When
from finops.model.evaluation import Settings
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness

RATES = "Date,USD\n2026-03-02,1.10\n"


def test_round_trip() -> None:
    settings = Settings(
        currency="EUR",
        timezone=ZoneInfo("Europe/Zurich"),
        fiscal_year_starts=4,
        settling=timedelta(hours=72),
        dimensions=("team",),
        demand_units={"orders": "orders"},
        value_currencies={"revenue": "EUR"},
        rates=parse_rates(RATES, "rates"),
        calendar=Calendar("DE", "BY"),
    )
    now = datetime(2026, 3, 20, 6, tzinfo=UTC)
    freshness = [
        SourceFreshness("aws", "focus-files", now, now - timedelta(hours=6)),
        SourceFreshness("aws-quick", "aws-cost-explorer", now, now, estimated_from=date(2026, 3, 1)),
        SourceFreshness("azure", "focus-files", None, None, up=False, error="no connection"),
    ]
    dimensions = [Dimension("team", (FromTags(("team", "owner")), When("SubAccountId = '1'", "a"), Else("none")))]

    policy = Policy("cap", "Budget", "finance", "", None, "sha256:0", "policies/budgets.yaml", 12, "kind: Budget")

    recalled = recall(archive([policy], settings, freshness, dimensions, RATES))

    assert recalled.settings == settings
    assert recalled.freshness == tuple(freshness)
    assert recalled.dimensions == tuple(dimensions)
    assert recalled.policy_texts == {"cap": "kind: Budget"}
    assert recalled.policy_places == {"cap": ("policies/budgets.yaml", 12)}
