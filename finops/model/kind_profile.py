"""What a policy kind declares about itself: metrics, pages, mails, rules, dashboards and documentation are made of it.

Nothing outside a kind needs its name. Texts are plain sentences; those called templates may hold placeholders (see
``fill``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from finops.model.unit import Unit


class Style(StrEnum):
    """How people read a measure or an amount."""

    PLAIN = "plain"
    """``79 %``, ``1.46``, ``9,500.00 EUR``."""
    CHANGE = "change"
    """A share with its sign: ``+32 %``."""
    PACE = "pace"
    """A share around 1: ``29 % faster than planned``."""
    FINE = "fine"
    """Three significant digits below one unit of the currency: ``0.0602 EUR``."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What ``when:`` can name.

    ``units``: of its thresholds; the first is the unit of ``Finding.measures``. ``firing``: a template for the reason
    of a firing verdict, with ``{value}`` and ``{threshold}``; empty: the verdict's own reason. ``headline``: a template
    for the sentence that heads a message about it (see ``KindProfile.headlines``).
    """

    label: str
    units: tuple[Unit, ...]
    style: Style = Style.PLAIN
    firing: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number on a page: the amount or the measure of that name.

    ``label`` and ``note`` are templates; a note with a placeholder that is unknown is left out. ``below_zero``: the
    label of a negative amount, which is then shown without its sign. ``optional``: left out while it is unknown.
    ``digits``: after the point, of a plain number.
    """

    label: str
    amount: str = ""
    measure: str = ""
    note: str = ""
    below_zero: str = ""
    style: Style = Style.PLAIN
    optional: bool = False
    digits: int = 2


class ChartType(StrEnum):
    """The charts that sinks can draw of a ``Track`` (its ``lines`` by name) and a finding."""

    BURN_UP = "burn_up"
    """Cumulative spend against ``Track.due``, with the lines ``forecast``, ``forecast_low``, ``forecast_high``."""
    INDEXED = "indexed"
    """Cost and the line ``demand``, indexed to 100."""
    INTERVAL = "interval"
    """A measure with the ends of its interval against its threshold."""
    LEVEL = "level"
    """A line by day, its mean over seven days, and an amount as the level before."""
    RANGE = "range"
    """Cost by day over the lines ``expected_low`` and ``expected_high``."""
    PARTS = "parts"
    """Two lines that add up to the day, one on the other; an empty name is the rest of the day's cost."""
    DAILY = "daily"
    """A line as bars by day."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, at ``/charts/…/{name}.svg``.

    ``title``, ``text`` (what it says, for those who cannot see it), ``legend`` and ``mail_title`` are templates.
    ``lines``: names of lines with their table headings, in the order that the type asks for. ``value``: the measure
    of an interval, the amount of a level. ``in_money``: its axis is in the finding's currency.
    """

    name: str
    type: ChartType
    title: str
    text: str = ""
    legend: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    value: str = ""
    mail_title: str = ""
    in_money: bool = True


@dataclass(frozen=True, slots=True)
class Metric:
    """A gauge with a series for each (policy, owner, group), by default of the amount or the measure of that name.

    ``help`` gives meaning and unit. ``by_demand``: a label ``demand`` holds the series that the cost is held against.
    An amount has a label ``currency``. ``from_now``: hours from the evaluation on, published as a Unix timestamp.
    """

    name: str
    help: str
    amount: str = ""
    measure: str = ""
    by_demand: bool = False
    from_now: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        own = ("policy", "owner", "group")
        return (*own, *(("demand",) if self.by_demand else ()), *(("currency",) if self.amount else ()))


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alerting rule for the firing verdicts of a kind.

    Rules are ordered: each takes the verdicts for which ``metric`` (divided by ``over``) compares as ``holds`` says
    (``>= 1``) and that no rule before it took; a rule without a metric takes the rest. ``summary`` is a template with
    ``{policy}`` (name, group and owner) and Prometheus's own ``$value``. ``runbook``: the name of a page in
    ``docs/runbooks/``.
    """

    alert: str
    summary: str
    description: str
    metric: str = ""
    over: str = ""
    holds: str = ""
    runbook: str = "FinopsPolicyFiring"


class PanelType(StrEnum):
    ROWS = "rows"
    LINES = "lines"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Series:
    """A metric under a name; ``minus``: less another one. ``unit``: of a column of ``ROWS``, as Grafana calls it."""

    metric: str
    name: str = ""
    minus: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a Grafana dashboard: ``dashboard`` names one of finops's, or a new one.

    ``unit``: as Grafana calls it. ``width``: of 24. ``top``: only so many, the largest first; 0: all. ``steps``: from
    which value which colour.
    """

    type: PanelType
    title: str
    about: str
    series: tuple[Series, ...]
    unit: str = "short"
    width: int = 12
    height: int = 9
    top: int = 0
    steps: tuple[tuple[float, str], ...] = ()
    dashboard: str = "unit-cost-and-growth"


@dataclass(frozen=True, slots=True)
class KindProfile:
    """``kind``: as policy files write it. ``title``: as pages call it. ``question``: what its policies ask.

    ``rank``: where it stands among the kinds, the smallest first. ``advice``: the next step while it fires.
    ``if_intended``: what to do about a rise that is wanted, before the policy's place. ``calm``: the reason of an ok
    verdict; empty: the verdict's own. ``headlines``: templates of the sentence that heads a message, whatever measure
    fired; the first whose placeholders are all known is taken, then that of the measure. Beside those of ``fill`` they
    hold ``{name}`` (what the verdict is about), ``{period.short}`` (``November``; unknown for a span without a short
    name) and ``{below_zero.remaining}`` (an amount without its sign, known only while it is negative).
    ``calm_headline``: that of an ok verdict. ``against_limit``: its findings hold the amounts ``spent``, ``limit`` and
    ``due`` of a period, and the measure ``spent`` as a share of the limit: lists show them as budgets. ``statement``:
    the part of a monthly statement or of a team's bill that lists its findings. ``watches_sources``: its groups are
    sources, and it tells when they are late. ``only_its_rows``: its numbers are made of the rows of its scope and
    group alone: who may see those rows may see its findings. ``documentation``: the page about it, below
    ``docs/policies/`` or an address.
    """

    kind: str
    title: str
    question: str
    measures: Mapping[str, Measure]
    rank: int = 100
    advice: str = ""
    if_intended: str = "If this is intended, change the threshold or add an exception with an expiry date"
    calm: str = ""
    headlines: tuple[str, ...] = ()
    calm_headline: str = "{name} is within its thresholds"
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    metrics: tuple[Metric, ...] = ()
    rules: tuple[AlertRule, ...] = ()
    panels: tuple[Panel, ...] = ()
    against_limit: bool = False
    statement: str = ""
    watches_sources: bool = False
    only_its_rows: bool = False
    documentation: str = ""


Kinds = Mapping[str, KindProfile]
"""Profiles by kind."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of the installed kinds."""

    by_kind: Kinds = field(default_factory=dict)

    def of(self, kind: str) -> KindProfile:
        """A bare one for a kind that is not installed any more: its old findings are still shown."""
        return self.by_kind.get(kind) or KindProfile(kind, kind, "", {})

    @property
    def in_order(self) -> list[KindProfile]:
        return sorted(self.by_kind.values(), key=lambda profile: (profile.rank, profile.kind))


_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_PLACEHOLDER = re.compile(r"\{([a-z_.]+)\}")


def fill(template: str, value: Callable[[str], str | None]) -> str:
    """The template with the value of each ``{name}``; a part in square brackets is left out where one is unknown.

    Empty where a value outside of brackets is unknown. Names: ``amount.spent``, ``measure.pace``, ``period``,
    ``demand``, ``units`` (``1,000,000 tokens``).
    """
    found = _OPTIONAL.sub(lambda part: _filled(part[1], value) or "", template)
    return _filled(found, value) or ""


def _filled(text: str, value: Callable[[str], str | None]) -> str | None:
    values = {name: value(name) for name in _PLACEHOLDER.findall(text)}
    if None in values.values():
        return None
    return _PLACEHOLDER.sub(lambda found: values[found[1]] or "", text)
