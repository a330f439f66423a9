"""The container -> the parts of the service. Beside ``service`` itself, nothing here sees the container."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

from finops.app.container import Container
from finops.config import Config
from finops.model.operations import Operations
from finops.ports.receiver import Receiver
from finops.service.evaluation import Evaluations, Publication
from finops.service.history_backfill import HistoryFilling
from finops.service.operations import OperationsReader
from finops.service.statement_delivery import StatementSender, ready_statement
from finops.service.team_mail import bill_order, digest_order, ready_bill, ready_digest
from finops.web.publisher import Publisher


def intervals(config: Config) -> dict[str, timedelta]:
    """How often each source, demand series and source of emissions is read."""
    return {
        **{entry.name: entry.every for entry in config.sources},
        **{entry.name: entry.every for entry in config.demand},
        **{entry.name: entry.every for entry in config.emissions},
    }


def operations_reader(container: Container) -> OperationsReader:
    config, state = container.config, container.state
    return OperationsReader(
        container.freshness,
        state.collections,
        state.outbox,
        container.lake,
        {entry.name: entry.every for entry in config.sources},
        [entry.name for entry in config.receivers],
        config.evaluate_every,
        state.alerts,
        state.requested_jobs,
        state.deliveries,
        container.quality,
    )


def evaluations(container: Container, publisher: Publisher, operations: Callable[[str], Operations]) -> Evaluations:
    config = container.config
    limits = {entry.name: entry.factory.most_notices for entry in config.receivers}
    publication = Publication(
        routes=config.routes,
        limits={name: limit for name, limit in limits.items() if limit is not None},
        url=site_of(config),
        max_series=config.max_series,
        profiles=container.profiles,
    )
    return Evaluations(
        container.evaluator, container.state, publication, publisher, operations, container.clock, container.radar
    )


def history_filling(container: Container, stopping: Callable[[], bool]) -> HistoryFilling:
    return HistoryFilling(container.evaluator, container.state.verdict_days, container.clock, stopping)


def site_of(config: Config) -> str:
    """The service's own address, for links."""
    return config.http.external_url or f"http://{config.http.listen}"


def statement_senders(container: Container, receivers: Mapping[str, Receiver], random: Random) -> list[StatementSender]:
    """One for each entry under ``statements``, for each team with receivers, and for each with a digest."""
    site = site_of(container.config)
    statements = replace(container.statements, site=site)
    bills, digests = container.team_bills, container.team_digests
    orders = [(order, partial(ready_statement, statements, order)) for order in container.config.statements]
    orders += [
        (bill_order(team), partial(ready_bill, bills, team, site)) for team in container.config.teams if team.receivers
    ]
    orders += [
        (order, partial(ready_digest, digests, team, site))
        for team in container.config.teams
        if (order := digest_order(team)) is not None
    ]
    return [
        StatementSender(
            order,
            make,
            container.state.statements,
            receivers,
            timezone=container.config.timezone,
            clock=container.clock,
            random=random,
        )
        for order, make in orders
    ]
