"""The pages of one snapshot, by their paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from finops.errors import BadArguments, Malformed
from finops.model.cost_question import CostQuestion
from finops.model.cost_report import CostReport
from finops.model.kind_profile import Profiles
from finops.ports.exporter import Document
from finops.ports.incidents import IncidentFilter
from finops.ports.pages import PageFacts, PageRequest, PendingCosts
from finops_exporters import words
from finops_exporters.pages.alert_list import alert_list, troubles_of
from finops_exporters.pages.alert_page import SPANS, alert_page
from finops_exporters.pages.budgets import budgets_page, year_of
from finops_exporters.pages.cost_files import budgets_file, costs_drawing, costs_file, team_file
from finops_exporters.pages.costs import costs_page, form_of, question_of, waiting
from finops_exporters.pages.drawings import drawings_of
from finops_exporters.pages.filters import Filters
from finops_exporters.pages.incidents import incident_line, incident_list, incidents_address
from finops_exporters.pages.known_alerts import known_now
from finops_exporters.pages.overview import overview_of
from finops_exporters.pages.pictures import SIZES, Pictures
from finops_exporters.pages.policy_list import groups_of, policy_list, test_rows
from finops_exporters.pages.radar import policy_of, radar_page
from finops_exporters.pages.savings import saving_rows, savings_age, savings_headline
from finops_exporters.pages.site import Site
from finops_exporters.pages.snapshot_index import SnapshotIndex, Verdict
from finops_exporters.pages.sources import contracts, headline, qualities, restatements, source_rows
from finops_exporters.pages.statements import month_rows, statements_headline
from finops_exporters.pages.teams import largest_rise, month_choices, month_of, team_page, team_view, teams_headline
from finops_exporters.pages.verdict_page import policy_text, verdict_page


class RenderedPages:
    """``finops.ports.exporter.RenderedPages``. ``index`` is None until something was evaluated."""

    def __init__(self, site: Site, pictures: Pictures, index: SnapshotIndex | None, profiles: Profiles) -> None:
        self._site = site
        self._pictures = pictures
        self._index = index
        self._profiles = profiles
        self._pages: Mapping[str, Callable[..., Document | None]] = {
            "/": self._overview,
            "/alerts": self._alerts,
            "/alerts/{alert_id}": self._alert,
            "/incidents": self._incidents,
            "/costs": self._costs,
            "/costs.svg": partial(costs_drawing, pictures),
            "/costs.csv": costs_file,
            "/costs.xlsx": costs_file,
            "/budgets": self._budgets,
            "/budgets.xlsx": budgets_file,
            "/savings": self._savings,
            "/radar": self._radar,
            "/radar/{id}/policy.yaml": self._radar_policy,
            "/teams": self._teams,
            "/teams/{name}": self._team,
            "/teams/{name}/bill.csv": team_file,
            "/teams/{name}/bill.xlsx": team_file,
            "/teams/{name}/verdicts.csv": team_file,
            "/sources": self._sources,
            "/statements": self._statements,
            "/policies": self._policies,
            "/policies/{name}": self._policy,
            "/policies/{name}/tests": self._tests,
        }

    @property
    def paths(self) -> Sequence[str]:
        return tuple(self._pages)

    def page(self, request: PageRequest, facts: PageFacts) -> Document | None:
        here = request.path.split("/")
        for path, make in self._pages.items():
            there = path.split("/")
            if len(there) == len(here) and all(of[:1] == "{" or of == at for of, at in zip(there, here, strict=True)):
                return make(*(at for of, at in zip(there, here, strict=True) if of[:1] == "{"), request, facts)
        return None

    def chart(self, place: str, name: str, query: Mapping[str, str]) -> Document | None:
        verdict = self._index.by_place.get(place) if self._index else None
        size = query.get("size", "wide")
        if self._index is None or verdict is None or size not in SIZES:
            return None
        drawing = next((one for one in drawings_of(verdict, self._index.today) if one.name == name), None)
        if drawing is None:
            return None
        key = f"{name}{self._index.today}{verdict.track!r}{verdict.finding.change!r}{verdict.finding.measures!r}"
        svg = self._pictures.svg(key, drawing.draw, size, dark=query.get("theme") == "dark")
        return Document("image/svg+xml", svg) if svg is not None else None

    def _overview(self, request: PageRequest, facts: PageFacts) -> Document:
        if self._index is None:
            return self._waiting("overview", request, facts)
        sources = source_rows(facts.operations(), facts.now())
        overview = overview_of(self._index, Filters.of(request.query), facts.day_before(), known_now(facts))
        return self._site.page(
            "overview.html",
            overview.headline,
            "overview",
            facts,
            self._index,
            overview=overview,
            troubles=troubles_of(facts.operations()),
            sources=sources,
            reader=request.reader,
        )

    def _policies(self, request: PageRequest, facts: PageFacts) -> Document:
        if self._index is None:
            return self._waiting("policies", request, facts)
        listed = policy_list(self._index, Filters.of(request.query), known_now(facts))
        return self._site.page("policies.html", "Policies", "policies", facts, self._index, listed=listed)

    def _policy(self, name: str, request: PageRequest, facts: PageFacts) -> Document:
        if self._index is None:
            return self._waiting("policies", request, facts)
        own = self._index.by_policy.get(name, ())
        group = request.query.get("group", "")
        verdict = self._index.find(name, group)
        if verdict is not None:
            return self._verdict(verdict, facts)
        if not own and name not in self._index.policies:
            return self._nothing(f"No policy is named '{words.shown(name)}'", "policies", facts)
        if group:
            said = f"{words.shown(name)} has no group '{words.shown(group)}'"
            return self._nothing(said, "policies", facts)
        path = f"/policies/{quote(name, safe='')}"
        policy = self._index.policies.get(name)
        profile = self._profiles.of(policy.kind) if policy else None
        return self._site.page(
            "policy.html",
            name,
            "policies",
            facts,
            self._index,
            name=words.shown(name),
            kind=profile.title if profile else "",
            question=profile.question if profile else "",
            owner=words.shown(policy.owner) if policy else "",
            description=words.shown(policy.description, 600) if policy else "",
            groups=groups_of(own, Filters.of(request.query), path, known_now(facts)),
            policy=policy_text(policy) if policy else None,
        )

    def _verdict(self, verdict: Verdict, facts: PageFacts) -> Document:
        assert self._index is not None  # noqa: S101 - a verdict comes from one; this tells the type checker
        shown = verdict_page(self._index, verdict, facts.days(verdict.place), known_now(facts))
        return self._site.page("verdict.html", verdict.title, "policies", facts, self._index, verdict=shown)

    def _tests(self, name: str, _: PageRequest, facts: PageFacts) -> Document:
        policy = self._index.policies.get(name) if self._index else None
        if policy is None:
            return self._nothing(f"No policy is named '{words.shown(name)}'", "policies", facts)
        faults: list[str] = []
        try:
            rows = test_rows(facts.tests(name))
        except Malformed as error:
            rows, faults = [], [words.shown(str(fault), 600) for fault in error.faults]
        return self._site.page(
            "tests.html",
            f"Tests of {name}",
            "policies",
            facts,
            self._index,
            lasting=False,  # a file may change before anything is evaluated
            policy=policy_text(policy),
            rows=rows,
            faults=faults,
        )

    def _alerts(self, request: PageRequest, facts: PageFacts) -> Document:
        listed = alert_list(facts, request.query, self._profiles)
        return self._site.page(
            "alerts.html",
            listed.headline,
            "alerts",
            facts,
            self._index,
            status=422 if request.fault else 200,
            lasting=False,
            listed=listed,
            reader=request.reader,
            fault=request.fault,
        )

    def _incidents(self, request: PageRequest, facts: PageFacts) -> Document:
        listed = incident_list(facts, request.query)
        return self._site.page(
            "incidents.html", "Incidents", "alerts", facts, self._index, lasting=False, listed=listed
        )

    def _alert(self, alert_id: str, request: PageRequest, facts: PageFacts) -> Document:
        record = facts.alert(alert_id)
        if record is None:
            said = "Unknown alert: it never fired, or its record has expired"
            return self._nothing(said, "alerts", facts)
        shown = alert_page(
            record,
            facts.history(record.id),
            facts.deliveries(record.id),
            facts.silences(),
            self._index,
            self._profiles,
            facts.now(),
        )
        incidents, _ = facts.incidents(IncidentFilter(alert_id=record.id), limit=1, offset=0)
        return self._site.page(
            "alert.html",
            shown.title,
            "alerts",
            facts,
            self._index,
            status=422 if request.fault else 200,
            lasting=False,
            alert=shown,
            incident=incident_line(incidents[0]) if incidents else None,
            may_accept=any(one.incident.is_open for one in incidents),
            incidents_address=incidents_address(incidents[0].incident) if incidents else "",
            spans=SPANS,
            reader=request.reader,
            fault=request.fault,
            typed=request.typed,
        )

    def _costs(self, request: PageRequest, facts: PageFacts) -> Document:
        fault, page, pending, question = "", None, None, CostQuestion()
        try:
            question = question_of(request.query)
            found = facts.costs(question)
            page = costs_page(found) if isinstance(found, CostReport) else None
            pending = found if isinstance(found, PendingCosts) else None
        except BadArguments as error:
            fault = _said(error)
        return self._site.page(
            "costs.html",
            page.headline if page else "Costs",
            "costs",
            facts,
            self._index,
            status=422 if fault else 200,
            lasting=False,  # bills come with a collection, before anything is evaluated
            page=page,
            pending=pending,
            waiting=waiting(pending.rows, pending.seconds) if pending else "",
            fault=fault,
            form=form_of(request.query, question, facts.cost_columns()),
        )

    def _budgets(self, request: PageRequest, facts: PageFacts) -> Document:
        fault, page = "", None
        try:
            page = budgets_page(facts.budget_year(year_of(request.query)))
        except BadArguments as error:
            fault = _said(error)
        return self._site.page(
            "budgets.html",
            page.headline if page else "Budgets",
            "budgets",
            facts,
            self._index,
            status=422 if fault else 200,
            lasting=False,  # bills come with a collection, before anything is evaluated
            page=page,
            fault=fault,
        )

    def _savings(self, request: PageRequest, facts: PageFacts) -> Document:
        found = facts.savings()
        return self._site.page(
            "savings.html",
            "Savings",
            "savings",
            facts,
            self._index,
            status=422 if request.fault else 200,
            lasting=False,
            headline=savings_headline(found),
            age=savings_age(found),
            rows=saving_rows(found),
            series=facts.demand_series(),
            asked=request.query,
            typed=request.typed,
            fault=words.shown(request.fault, 600),
            reader=request.reader,
        )

    def _radar(self, request: PageRequest, facts: PageFacts) -> Document:
        radar = self._index.snapshot.radar if self._index is not None else None
        page, fault = None, ""
        try:
            page = radar_page(radar, request.query, facts.now()) if radar is not None else None
        except BadArguments as error:
            fault = _said(error)
        title = page.headline if page else "Radar"
        status = 422 if fault else 200
        return self._site.page("radar.html", title, "radar", facts, self._index, status=status, page=page, fault=fault)

    def _radar_policy(self, wanted: str, _: PageRequest, facts: PageFacts) -> Document:
        radar = self._index.snapshot.radar if self._index is not None else None
        text = policy_of(radar, wanted) if radar is not None else ""
        if not text:
            return self._nothing("The radar has no such row now; rows come and go", "radar", facts)
        return Document("application/yaml", text.encode())

    def _teams(self, request: PageRequest, facts: PageFacts) -> Document:
        fault, month = "", None
        try:
            month = month_of(request.query)
        except BadArguments as error:
            fault = _said(error)
        listed = facts.teams(month)
        return self._site.page(
            "teams.html",
            "Teams",
            "teams",
            facts,
            self._index,
            status=422 if fault else 200,
            lasting=False,  # bills come with a collection, before anything is evaluated
            headline=teams_headline(listed),
            months=month_choices(listed),
            view=team_view(listed, request.query),
            rise=largest_rise(listed),
            compared=words.period(listed.compared),
            notes=[words.sentence(note) for note in listed.notes],
            fault=fault,
        )

    def _team(self, name: str, request: PageRequest, facts: PageFacts) -> Document:
        try:
            page = team_page(facts.team_bill(name, month_of(request.query)), self._profiles)
        except BadArguments as error:
            return self._nothing(_said(error), "teams", facts)
        return self._site.page(
            "team.html",
            page.headline,
            "teams",
            facts,
            self._index,
            status=422 if request.fault else 200,
            lasting=False,
            page=page,
            fault=words.shown(request.fault, 600),
            reader=request.reader,
        )

    def _sources(self, request: PageRequest, facts: PageFacts) -> Document:
        rows = source_rows(facts.operations(), facts.now())
        return self._site.page(
            "sources.html",
            "Sources",
            "sources",
            facts,
            self._index,
            status=422 if request.fault else 200,
            lasting=not request.fault,
            headline=headline(rows),
            sources=rows,
            reader=request.reader,
            fault=request.fault,
            qualities=qualities(facts.quality(), facts.now()),
            contracts=contracts(facts.contracts()),
            restatements=restatements(facts.restatements()),
        )

    def _statements(self, request: PageRequest, facts: PageFacts) -> Document:
        listed = facts.statements()
        by = request.query.get("by", "")
        by = by if by in listed.by else ""
        return self._site.page(
            "statements.html",
            "Statements",
            "statements",
            facts,
            self._index,
            lasting=False,  # a month comes with a collection, before anything is evaluated
            headline=statements_headline(listed),
            months=month_rows(listed, by),
            by=by or next(iter(listed.by), ""),
            columns=listed.by,
        )

    def _waiting(self, section: str, request: PageRequest, facts: PageFacts) -> Document:
        sources = source_rows(facts.operations(), facts.now())
        return self._site.page(
            "waiting.html", "No verdicts yet", section, facts, None, sources=sources, reader=request.reader
        )

    def _nothing(self, said: str, section: str, facts: PageFacts) -> Document:
        return self._site.page("nothing.html", said, section, facts, self._index, status=404, lasting=False, said=said)


def _said(error: BadArguments) -> str:
    return words.shown(f"{error.where}: {error.what}. {error.remedy}", 600)
