"""What a decision says: the alert as it is now, why, and who hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from finops.model.alert import AlertRecord, ChangeReason
from finops.model.notice import NoticeReason

_NO_CHANGE = frozenset(
    {ChangeReason.COUNTING, ChangeReason.STILL_FIRING, ChangeReason.UNKNOWN, ChangeReason.CALM},
)


@dataclass(frozen=True, slots=True)
class Decision:
    """``record`` is None while nothing ever fired. ``notices``: receiver -> why it hears of the alert now."""

    record: AlertRecord | None
    reason: ChangeReason
    notices: Mapping[str, NoticeReason] = field(default_factory=dict)
    note: str = ""

    @property
    def is_change(self) -> bool:
        """Whether the alert's history gets an entry."""
        return self.reason not in _NO_CHANGE
