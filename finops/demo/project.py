"""A budget over days of its own, so that the demo shows an overrun on the first of January too.

Months, quarters and years start anew on some day on which nothing is known of them yet; a project does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from finops.demo.timeline import Timeline

_AGO_DAYS = 90
_LENGTH_DAYS = 150
_AMOUNT_EUR = 30000
"""150 days at the level from before the assistant moved to the large model."""

_POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata:
  name: assistant-launch
  owner: team-ml
  description: What launching the shopping assistant may cost, from first traffic to handover.
spec:
  scope: product = 'assistant' AND ChargeCategory <> 'Tax'
  cost: EffectiveCost
  period: {{from: {start}, to: {end}}}
  amount: {amount} EUR
  alerts:
    - {{when: spent > 80%, severity: info}}
    - {{when: pace > 110%, severity: warning}}
    - {{when: pace > 130%, severity: critical}}
"""


@dataclass(frozen=True, slots=True)
class ProjectBudget:
    """Days from ``start`` up to, not including, ``end``."""

    policy: str
    product: str
    start: date
    end: date
    amount_eur: int


def project_budget(timeline: Timeline) -> ProjectBudget:
    start = timeline.ago(_AGO_DAYS)
    return ProjectBudget("assistant-launch", "assistant", start, start + timedelta(days=_LENGTH_DAYS), _AMOUNT_EUR)


def write_policy(path: Path, project: ProjectBudget) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _POLICY.format(start=project.start, end=project.end, amount=project.amount_eur)
    path.write_text(text, encoding="utf-8")
