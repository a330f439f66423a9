"""Budgets of the demo's own: one over days of its own, so that it shows an overrun on the first of January too, and a
sheet of finance with a year by provider.

Months, quarters and years start anew on some day on which nothing is known of them yet; a project does not.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from finops.demo.timeline import Timeline
from finops.model.period import month_start

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


_SHEET = (
    # source, rollover, EUR a month in January
    ("aws", "", 31000),
    ("azure", "unspent", 11000),
    ("datacentre", "", 14000),
    ("ai", "", 5000),
)
_WHOLE = "infrastructure"
_UNTAXED = "ChargeCategory <> 'Tax'"
_MONTHLY_GROWTH = 0.01
_REVISED_EUR = 9000


def write_sheet(path: Path, timeline: Timeline) -> None:
    """What finance plans for the calendar year, a row each: the vendor of AI is revised upward from the
    month before the last one on, and the whole is not, so that its parts exceed it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    today = timeline.until
    months = [date(today.year, month, 1) for month in range(1, 13)]
    revised_from = max(month_start(today, -1), months[1])
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file, lineterminator="\n").writerow
        heads = ("name", "owner", "scope", "parent", "description", "currency", "rollover", "revised_by", "reason")
        write((*heads, *(f"{month:%Y-%m}" for month in months)))
        plans = {
            name: [int(round(amount * (1 + _MONTHLY_GROWTH) ** at, -2)) for at in range(12)]
            for name, _, amount in _SHEET
        }
        year, told = today.year, f"Plan of {today.year}, agreed with finance."
        whole = [sum(of_month) for of_month in zip(*plans.values(), strict=True)]
        write((f"{_WHOLE}-{year}", "finance", _UNTAXED, "", told, "EUR", "", "", "", *whole))
        for name, rollover, _ in _SHEET:
            part = f"{name}-{year}", "finance", f"source = '{name}' AND {_UNTAXED}", f"{_WHOLE}-{year}"
            write((*part, told, "EUR", rollover, "", "", *plans[name]))
        why = "the assistant answers every customer"
        new = [_REVISED_EUR if month >= revised_from else "" for month in months]
        write((f"ai-{year}", "finance", "", "", "", "EUR", "", "Robin Alder", why, *new))


def write_policy(path: Path, project: ProjectBudget) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _POLICY.format(start=project.start, end=project.end, amount=project.amount_eur)
    path.write_text(text, encoding="utf-8")
