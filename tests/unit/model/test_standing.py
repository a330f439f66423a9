"""Until when a source's days are settled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from finops.model.source_freshness import SourceFreshness

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
SETTLING = timedelta(hours=48)


@pytest.mark.parametrize(
    ("estimated_from", "settled_until"),
    [
        (None, NOW - SETTLING),
        (date(2026, 3, 19), NOW - SETTLING),
        (date(2026, 3, 18), datetime(2026, 3, 18, tzinfo=UTC)),
        (date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_day_that_the_provider_estimates_is_not_settled(estimated_from: date | None, settled_until: datetime) -> None:
    standing = SourceFreshness("aws", "aws-cost-explorer", NOW, NOW, estimated_from=estimated_from)
    assert standing.settled_until(NOW, SETTLING) == settled_until
