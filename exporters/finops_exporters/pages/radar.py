"""The page Radar: what outgrew its demand, level by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from finops.errors import BadArguments
from finops.model.age import age
from finops.model.cost_question import CostQuestion, Every, columns_of, equals, scope_of
from finops.model.money import added
from finops.model.period import Period
from finops.model.radar import Outcome, Radar, RadarGroup
from finops.model.wording import count_text
from finops_exporters import words
from finops_exporters.changed import moved

_MOST_ROWS = 50
_MOST_UNJUDGED = 100
_NO_VALUE = "(none)"
_SECTIONS = {
    Outcome.BEYOND: (
        "Cost beyond demand",
        "Cost outgrew every series that plausibly drives it. Amounts are those of the series that explains the most.",
    ),
    Outcome.EXPLAINED: (
        "In step with one series, beyond another",
        "Cost follows one series, which itself outgrew the one named first.",
    ),
    Outcome.GROWING: (
        "Cost growth that no demand series tracks",
        "Cost grew, and nothing says what for: add the series.",
    ),
}


@dataclass(frozen=True, slots=True)
class RadarRow:
    """Texts only. ``address``: the costs behind it. ``file``: its policy as a file, empty where there is none."""

    names: Sequence[str]
    address: str
    demand: str
    note: str
    cost_growth: str
    demand_growth: str
    interval: str
    per_month: str
    ahead: str
    since: str
    driver: str
    policy: str
    file: str


@dataclass(frozen=True, slots=True)
class RadarSection:
    title: str
    note: str
    rows: Sequence[RadarRow]
    more: int


@dataclass(frozen=True, slots=True)
class RadarPage:
    """``levels``: value, text and whether it is chosen. ``unjudged``: group, demand, why, detail, cost."""

    headline: str
    lead: str
    levels: Sequence[tuple[str, str, bool]]
    sections: Sequence[RadarSection]
    ahead: str
    in_step: str
    unjudged_text: str
    unjudged: Sequence[tuple[str, str, str, str]]
    more_unjudged: int


def radar_page(radar: Radar, query: Mapping[str, str], now: datetime) -> RadarPage:
    """Raises ``BadArguments`` for a level that there is not."""
    levels = {",".join(level.columns): level for level in radar.levels}
    asked = ",".join(columns_of([query.get("by", "")])) or next(iter(levels), "")
    if levels and asked not in levels:
        raise BadArguments(f"'{asked}' is not a level", where="by", remedy=f"Choose one of: {'; '.join(levels)}")
    columns = tuple(asked.split(","))
    level = levels.get(asked)
    sections = [_section(radar, columns, outcome) for outcome in Outcome]
    unjudged = [one for one in radar.unjudged if set(one.group) == set(columns)]
    in_step = level.in_step if level is not None else None
    return RadarPage(
        headline=_headline(radar, columns, level.pairs if level is not None else None),
        lead=_lead(radar, now),
        levels=[(value, words.shown(value.replace(",", ", "), 120), value == asked) for value in levels],
        sections=[section for section in sections if section.rows],
        ahead=words.day(radar.ahead_to),
        in_step=f"{count_text(in_step, 'group')} outgrew nothing." if in_step is not None else "",
        unjudged_text=words.sentence(radar.only_of(columns).unjudged_text()),
        unjudged=[
            (
                _name(one.group),
                words.shown(one.demand, 60) or words.UNKNOWN,
                words.sentence(f"{one.why}: {one.detail}"),
                words.money_of(one.cost, radar.currency),
            )
            for one in unjudged[:_MOST_UNJUDGED]
        ],
        more_unjudged=max(0, len(unjudged) - _MOST_UNJUDGED),
    )


def policy_of(radar: Radar, wanted: str) -> str:
    """The text of a row's policy, by the row's ID; empty where there is none."""
    return next((one.policy for one in radar.found if one.id == wanted), "")


def _headline(radar: Radar, columns: Sequence[str], pairs: int | None) -> str:
    beyond = radar.of_level(columns, Outcome.BEYOND)
    if beyond:
        total = added(one.lead.per_month for one in beyond)
        return f"{count_text(len(beyond), 'cost')} outgrew demand, by {words.money_of(total, radar.currency)} a month"
    return "Nothing could be judged" if pairs == 0 else "No cost that could be judged outgrew its demand"


def _lead(radar: Radar, now: datetime) -> str:
    before = Period(radar.window.start - (radar.window.end - radar.window.start), radar.window.start)
    series = words.listed([words.shown(name, 60) for name in radar.series] or ["no demand series"])
    return (
        f"{words.period(radar.window)} against {words.period(before)}, settled days, EffectiveCost without taxes in "
        f"{radar.currency}; compared with {series}. At most 1 row in 10 is expected to be noise. "
        f"Made {words.minute(radar.as_of)}, {age(radar.as_of, now)}."
    )


def _section(radar: Radar, columns: Sequence[str], outcome: Outcome) -> RadarSection:
    found = radar.of_level(columns, outcome)
    rows = [_row(radar, one) for one in found[:_MOST_ROWS]]
    return RadarSection(*_SECTIONS[outcome], rows, max(0, len(found) - _MOST_ROWS))


def _row(radar: Radar, one: RadarGroup) -> RadarRow:
    lead, explained = one.lead, one.explained_by
    note = f"in step with {words.shown(explained.demand, 60)}" if explained is not None else ""
    if not note and len(one.pairs) > 1:
        note = f"and {len(one.pairs) - 1} more"
    driver = moved(one.drivers[0], radar.currency) if one.drivers else None
    scope = scope_of("ChargeCategory <> 'Tax'", *(equals(*part) for part in sorted(one.group.items())))
    start = radar.window.start - (radar.window.end - radar.window.start)
    interval = ""
    if lead.low is not None and lead.high is not None and lead.demand:
        interval = f"{words.growth(lead.low)} to {words.growth(lead.high)} beyond"
    return RadarRow(
        names=_names(one.group),
        address=CostQuestion(start, radar.window.end, (), Every.WEEK, scope=scope).address,
        demand=words.shown(lead.demand, 60) or words.UNKNOWN,
        note=words.shown(one.hint, 400) or note,
        cost_growth=words.growth(lead.cost_growth),
        demand_growth=words.growth(lead.demand_growth) if lead.demand else words.UNKNOWN,
        interval=interval,
        per_month=words.signed_money_of(lead.per_month, radar.currency),
        ahead=words.signed_money_of(one.ahead, radar.currency),
        since=words.day(lead.since) if lead.since is not None else "gradually",
        driver=f"{driver.known_as} {driver.amount}" if driver is not None else words.UNKNOWN,
        policy=one.policy,
        file=f"/radar/{one.id}/policy.yaml" if one.policy else "",
    )


def _names(group: Mapping[str, str]) -> list[str]:
    return [words.shown(value, 160) or _NO_VALUE for value in group.values()]


def _name(group: Mapping[str, str]) -> str:
    return " · ".join(_names(group))
