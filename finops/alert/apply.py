"""One evaluation -> changes of alerts and messages about them, in one transaction and at most once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from finops.alert.transition import Link, no_costs, transition
from finops.model.alert import AlertChange
from finops.model.evaluation import Evaluation
from finops.model.finding import Finding
from finops.model.route import Route
from finops.ports.state import AlertBook, AlertStep, AlertStore, Applied


@dataclass(frozen=True, slots=True)
class Application:
    """What an evaluation did to the alerts."""

    outcome: Applied
    changes: tuple[AlertChange, ...] = ()
    messages: int = 0


def apply(
    evaluation: Evaluation,
    store: AlertStore,
    *,
    routes: Sequence[Route],
    policies: Collection[str],
    link: Link,
    now: datetime,
    limits: Mapping[str, int] | None = None,
    check: Callable[[], None] = lambda: None,
    own: Sequence[Finding] = (),
    costs: Link = no_costs,
) -> Application:
    """Brings every alert to what the evaluation says.

    Applying the same evaluation again changes nothing (``already``), nor does one older than the last (``stale``).
    ``policies``: the name of every policy that is loaded, with or without findings. ``limits``: the most notices that
    one message to a receiver may hold; others get all in one. ``check``: called inside the transaction; what it raises
    undoes it. ``own``: findings about the service itself, beside those of the evaluation. ``costs``: the
    address of the costs behind a finding, empty where there is none.
    """
    written: list[AlertStep] = []

    def step(book: AlertBook) -> AlertStep:
        check()
        written.clear()
        made = transition(
            evaluation, book, routes=routes, policies=policies, link=link, now=now, limits=limits, own=own, costs=costs
        )
        written.append(made)
        return written[0]

    outcome = store.apply(evaluation, now, step)
    if outcome is not Applied.DONE:
        return Application(outcome)
    return Application(outcome, written[0].changes, len(written[0].messages))
