"""What keeps alerts quiet says a day before that it ends, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from finops.alert import transition
from finops.alert.respond import silenced
from finops.model.alert import AlertRecord, ChangeReason
from finops.model.evaluation import Excepted
from finops.model.finding import Finding, Severity, State
from finops.model.notice import NoticeReason
from finops.model.route import Route
from finops.model.silence import Silence
from finops.ports.state import AlertBook, AlertStep
from tests.support.verdicts import HOUR, T0, evaluation, link, verdict

DAY = timedelta(days=1)
ROUTES = (Route({"severity": ("critical",)}, ("oncall",)), Route({"owner": ("team-checkout",)}, ("finance",)))
QUIET = Silence("5117", {"policy": ("checkout-monthly",)}, "a migration", "ada", T0, T0 + 7 * DAY)


class Life:
    """One evaluation after another; remembers what each wrote."""

    def __init__(self, *silences: Silence) -> None:
        self.alerts: dict[str, AlertRecord] = {}
        self.silences = {silence.id: silence for silence in silences}

    def evaluate(self, *findings: Finding, hours: float, excepted: tuple[Excepted, ...] = ()) -> list[tuple[str, str]]:
        """What receivers are told: (receiver, note)."""
        now = T0 + hours * HOUR
        made = replace(evaluation([replace(one, as_of=now) for one in findings], as_of=now), excepted=excepted)
        active = tuple(silence for silence in self.silences.values() if silence.is_active(now))
        book = AlertBook(self.alerts, active)
        step = transition(made, book, routes=ROUTES, policies={"checkout-monthly"}, link=link, now=now)
        self.take(step)
        assert all(
            one.notice.reason is NoticeReason.EXPIRES or not one.notice.note for m in step.messages for one in m.notices
        )
        return [(m.receiver, one.notice.note) for m in step.messages for one in m.notices]

    def take(self, step: AlertStep) -> None:
        self.alerts |= {record.id: record for record in step.records}
        self.silences |= {silence.id: silence for silence in step.silences}


def test_the_end_of_a_silence_is_told_a_day_before_and_once() -> None:
    life = Life(QUIET)
    assert life.evaluate(verdict(), hours=1) == []
    assert life.evaluate(verdict(), hours=6 * 24 - 1) == []

    [(receiver, note)] = life.evaluate(verdict(), hours=6 * 24)

    assert receiver == "finance"
    assert note == (
        "The silence of ada ends at 2026-03-27 06:00 UTC: a migration. Whatever still fires is then notified again."
    )
    assert life.evaluate(verdict(), hours=6 * 24 + 1) == []
    assert life.evaluate(verdict(), hours=7 * 24) == [("finance", "")]


def test_a_silence_under_which_nothing_fires_ends_without_a_word() -> None:
    life = Life(QUIET)

    assert life.evaluate(verdict(State.OK), hours=6 * 24) == []
    assert life.silences["5117"].warned_at is not None


def test_a_silence_of_some_hours_is_not_told_of() -> None:
    short = replace(QUIET, until=T0 + 8 * HOUR)
    life = Life()
    life.evaluate(verdict(), hours=0)
    life.take(silenced(AlertBook(life.alerts), short, now=T0))

    assert life.evaluate(verdict(), hours=1) == []


def test_the_end_of_an_exception_is_told_the_day_before_its_last_and_once() -> None:
    calm, life = verdict(State.OK, group={"team": "a"}), Life()
    excepted = (Excepted("checkout-monthly", {"team": "a"}, "load test", date(2026, 3, 22)),)
    assert life.evaluate(calm, hours=0, excepted=excepted) == []

    [(receiver, note)] = life.evaluate(calm, hours=24, excepted=excepted)

    assert receiver == "finance"
    assert note.startswith("The exception for this group expires on 2026-03-22: load test.")
    assert life.evaluate(calm, hours=25, excepted=excepted) == []
    longer = (replace(excepted[0], expires=date(2026, 3, 25)),)
    assert life.evaluate(calm, hours=26, excepted=longer) == []
    assert len(life.evaluate(calm, hours=96, excepted=longer)) == 1
    [record] = life.alerts.values()
    assert record.change == 2


def test_an_exception_wakes_nobody_who_hears_of_critical_alerts_only() -> None:
    excepted = (Excepted("checkout-monthly", {}, "load test", date(2026, 3, 20)),)
    life = Life()
    made = replace(evaluation([verdict(State.OK)]), excepted=excepted)
    routes = (Route({"severity": ("critical",)}, ("oncall",)), Route({"severity": ("info", "warning")}, ("chat",)))
    step = transition(made, AlertBook(life.alerts), routes=routes, policies=(), link=link, now=T0)

    assert [message.receiver for message in step.messages] == ["chat"]
    assert [change.reason for change in step.changes] == [ChangeReason.EXPIRES]
    only_critical = transition(made, AlertBook({}), routes=routes[:1], policies=(), link=link, now=T0)
    assert [message.receiver for message in only_critical.messages] == ["oncall"]
    assert only_critical.records[0].severity is Severity.INFO
