"""How long ago, for people."""

from __future__ import annotations

from datetime import datetime


def age(moment: datetime | None, now: datetime) -> str:
    """``5 min ago``, ``3 h ago``, ``2 days ago``, ``never``."""
    if moment is None:
        return "never"
    minutes = max(0, round((now - moment).total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min ago"
    hours = round(minutes / 60)
    return f"{hours} h ago" if hours < 48 else f"{round(hours / 24)} days ago"
