"""Ten thousand alerts are as many questions to the database as ten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from finops.alert import apply
from finops.model.route import Route
from finops.ports.state import AlertFilter
from finops.state import State, open_state
from tests.support.verdicts import HOUR, T0, MovableClock, evaluation, link, verdict


@contextmanager
def counted() -> Iterator[list[str]]:
    """Statements sent in the block; many rows in one are one."""
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def statements(folder: Path, groups: int) -> list[int]:
    """Of an evaluation in which all fire, of the next one, and of a page of the list."""
    folder.mkdir()
    state: State = open_state("sqlite:///state.db", base=folder, clock=MovableClock())
    numbers = []
    try:
        for at in (T0, T0 + HOUR):
            found = [verdict(group={"team": f"{number:03}"}, as_of=at) for number in range(groups)]
            with counted() as seen:
                apply(
                    evaluation(found, as_of=at),
                    state.alerts,
                    routes=[Route({}, ("finance",))],
                    policies={"checkout-monthly"},
                    link=link,
                    now=at,
                )
            numbers.append(len(seen))
        with counted() as seen:
            assert len(state.alerts.page(AlertFilter(), limit=20, offset=0, urgent_first=True).alerts) == 20
        return [*numbers, len(seen)]
    finally:
        state.close()


def test_the_number_of_statements_does_not_grow_with_alerts(tmp_path: Path) -> None:
    assert statements(tmp_path / "few", 20) == statements(tmp_path / "many", 200)
