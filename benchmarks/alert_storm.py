"""Thousands of groups change at once: how many messages that makes, how long it takes, and how much memory.

    python -m benchmarks.alert_storm [--groups 5000] [--owners 50] [--state sqlite:///storm.db]

All groups fire in one evaluation, get worse in the next, and resolve in the third; each is decided, written to the
state and delivered to a real mail server, a web server and one in the place of an Alertmanager, all in other threads.
Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import logging
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from finops.alert import Deliverer, apply
from finops.config.plugins import policy_profiles
from finops.demo.mailbox import Mailbox
from finops.model.evaluation import Evaluation
from finops.model.finding import Severity, State
from finops.model.route import Route
from finops.ports.receiver import Receiver
from finops.state import open_state
from finops_exporters.alertmanager import Alertmanager, AlertmanagerOptions
from finops_exporters.email import Email, EmailOptions
from finops_exporters.webhook import Webhook, WebhookOptions
from tests.support.verdicts import HOUR, T0, MovableClock, evaluation, link, verdict

_MEGABYTE = 1024  # ru_maxrss counts kilobytes


@dataclass(frozen=True, slots=True)
class Round:
    name: str
    decided_seconds: float
    delivered_seconds: float
    messages: Mapping[str, int]


def changes(groups: int, owners: int) -> Iterator[tuple[str, Evaluation]]:
    plain = [
        verdict(group={"team": f"team-{number:05}"}, owner=f"owner-{number % owners:03}") for number in range(groups)
    ]
    steps: list[tuple[str, dict[str, Any]]] = [
        ("all fire", {}),
        ("all get worse", {"severity": Severity.CRITICAL}),
        ("all resolve", {"state": State.OK, "severity": None}),
    ]
    for hour, (name, changed) in enumerate(steps):
        yield name, evaluation(replace(one, as_of=T0 + hour * HOUR, **changed) for one in plain)


@contextmanager
def servers(folder: Path) -> Iterator[tuple[dict[str, Receiver], dict[str, int]]]:
    """Receivers with their servers, and what each server took."""
    taken = dict.fromkeys(("mail", "hook", "prom"), 0)

    def take(name: str) -> Any:
        def handler(_request: Request) -> Response:
            taken[name] += 1
            return Response("")

        return handler

    http, mailbox, clock = HTTPServer(), Mailbox(folder / "mail"), MovableClock()
    http.expect_request("/hook").respond_with_handler(take("hook"))
    http.expect_request("/api/v2/alerts").respond_with_handler(take("prom"))
    http.start()
    mailbox.start()
    smtp = {"host": "127.0.0.1", "port": mailbox.port, "security": "none"}
    try:
        yield (
            {
                "mail": Email(
                    "mail",
                    EmailOptions.model_validate({"to": ["a@example.com"], "smtp": smtp}),
                    base=folder,
                    clock=clock,
                    profiles=policy_profiles(),
                ),
                "hook": Webhook("hook", WebhookOptions(url=http.url_for("/hook")), base=folder, clock=clock),
                "prom": Alertmanager(
                    "prom",
                    AlertmanagerOptions(url=http.url_for("")),
                    base=folder,
                    clock=clock,
                    profiles=policy_profiles(),
                ),
            },
            taken,
        )
    finally:
        taken["mail"] = len(list((folder / "mail").glob("*.eml")))
        mailbox.stop()
        http.stop()


def measure(groups: int, owners: int, url: str, folder: Path) -> tuple[list[Round], dict[str, int]]:
    clock = MovableClock()
    state = open_state(url, base=folder, clock=clock)
    rounds = []
    with servers(folder) as (receivers, taken):
        limits = {name: one.most_notices for name, one in receivers.items() if one.most_notices is not None}
        deliverer = Deliverer(state.outbox, receivers, clock, random=Random(1))
        for name, made in changes(groups, owners):
            clock.moment = made.as_of
            start = time.perf_counter()
            apply(
                made,
                state.alerts,
                routes=[Route({}, tuple(receivers), timedelta(hours=24))],
                policies={"checkout-monthly"},
                link=link,
                now=made.as_of,
                limits=limits,
            )
            decided = time.perf_counter()
            waiting = dict(state.outbox.pending_counts())
            while state.outbox.pending_counts():
                for receiver in deliverer.due_receivers():
                    deliverer.deliver(receiver)
            rounds.append(Round(name, decided - start, time.perf_counter() - decided, waiting))
    state.close()
    return rounds, taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=5_000)
    parser.add_argument("--owners", type=int, default=50)
    parser.add_argument("--state", default="sqlite:///storm.db")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each message is no figure
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MEGABYTE
    with tempfile.TemporaryDirectory() as folder:
        rounds, taken = measure(arguments.groups, arguments.owners, arguments.state, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MEGABYTE
    print(
        "| change | decided and written, s | delivered, s | mails | webhook | Alertmanager |\n|---|---|---|---|---|---|"
    )
    for one in rounds:
        counts = " | ".join(str(one.messages.get(name, 0)) for name in ("mail", "hook", "prom"))
        print(f"| {one.name} | {one.decided_seconds:.1f} | {one.delivered_seconds:.1f} | {counts} |")
    print(f"\ntaken by the servers: {taken}; memory {before} MB before, {peak} MB at most")


if __name__ == "__main__":
    main()
