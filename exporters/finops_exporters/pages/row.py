"""One verdict as a line or a card of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finops.model.cost_links import costs_behind
from finops.model.finding import Finding, State
from finops.model.kind_profile import KindProfile
from finops.model.money import Money
from finops_exporters import words
from finops_exporters.changed import COLUMNS, moved
from finops_exporters.figures import measured
from finops_exporters.pages.drawings import charts_of
from finops_exporters.pages.known_alerts import Known
from finops_exporters.pages.snapshot_index import Verdict
from finops_exporters.reason import reason_of


@dataclass(frozen=True, slots=True)
class Line:
    """Texts only. ``address``: of the verdict's page. ``used_share`` (above 100 where it is over) and
    ``due_share``: for the bar. ``over``: ``2,223 EUR over (128 %)``, empty within the limit. ``costs``: the address of
    what it was spent on.
    ``known``: who knows that it fires, empty where nobody said so.
    """

    place: str
    address: str
    name: str
    group: Sequence[tuple[str, str]]
    kind: str
    owner: str
    tone: str
    state: str
    reason: str
    figure: str
    of: str
    used: str
    used_share: float | None
    over: str
    costs: str
    due_share: float | None
    forecast: str
    driver: str
    drawing: str
    known: str

    @property
    def title(self) -> str:
        return " · ".join((self.name, *(f"{key} {value}" for key, value in self.group)))


def line_of(verdict: Verdict, known: Known) -> Line:
    finding = verdict.finding
    spent, limit, due = (finding.amount.get(name) for name in ("spent", "limit", "due"))
    profile = verdict.profile
    used = finding.measures.get("spent") if profile.against_limit else None
    return Line(
        place=verdict.place,
        address=finding.page,
        name=words.shown(finding.policy),
        group=verdict.group,
        kind=profile.title,
        owner=words.shown(finding.owner, 60),
        tone=verdict.tone,
        state=verdict.state,
        reason=reason_of(finding, profile),
        figure=_figure(finding, profile, spent),
        of=words.money(limit) if limit is not None and profile.against_limit else "",
        used=words.percent(used) if used is not None else "",
        used_share=max(used * 100, 0.0) if used is not None else None,
        over=_over(finding, profile),
        costs=costs_behind(finding, verdict.policy),
        due_share=_share(due, limit),
        forecast=_forecast(finding, profile),
        driver=_driver(finding),
        drawing=_drawing(verdict),
        known=known.get(verdict.place, ""),
    )


def _over(finding: Finding, profile: KindProfile) -> str:
    remaining, used = finding.amount.get("remaining"), finding.measures.get("spent")
    if not profile.against_limit or remaining is None or remaining.amount >= 0:
        return ""
    share = f" ({words.percent(used)})" if used is not None else ""
    return f"{words.whole_money(Money(-remaining.amount, remaining.currency))} over{share}"


def _figure(finding: Finding, profile: KindProfile, spent: Money | None) -> str:
    """The one number of a line."""
    if profile.against_limit:
        return words.money(spent) if spent is not None else "unknown"
    if finding.state is State.UNKNOWN or not finding.measure:
        return "unknown"
    return measured(finding, profile, finding.measure, finding.value)


def _forecast(finding: Finding, profile: KindProfile) -> str:
    forecast = finding.amount.get("forecast")
    return words.money(forecast) if forecast is not None and profile.against_limit else ""


def _driver(finding: Finding) -> str:
    """The largest rise, or where nothing rose the largest change."""
    if not finding.drivers:
        return ""
    by_service = [driver for driver in finding.drivers if driver.by in COLUMNS] or list(finding.drivers)
    return moved(by_service[0], finding.currency).text


def _share(due: Money | None, limit: Money | None) -> float | None:
    if due is None or limit is None or due.currency != limit.currency or limit.amount <= 0:
        return None
    return min(max(float(due.amount / limit.amount) * 100, 0.0), 100.0)


def _drawing(verdict: Verdict) -> str:
    """The name of the drawing that a card shows; empty where no day is known."""
    charts = charts_of(verdict) if verdict.profile.against_limit else []
    return charts[0].name if charts else ""
