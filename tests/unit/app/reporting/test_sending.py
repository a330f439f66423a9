"""Statements that send themselves, to a real mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from finops.app.container import Container, open_container
from finops.model.message import DeliveryOutcome
from finops.service.statement_delivery import StatementSender
from tests.servers.smtp import MailServer
from tests.unit.lake.bills import APRIL, StoppedClock, delivery, line, rows, run

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: EUR
sources:
  prod: {{kind: focus-files, path: ./none}}
receivers:
  finance:
    kind: email
    from: finops@example.com
    to: [finance@example.com]
    smtp: {{host: {host}, port: {port}, security: none}}
statements:
  monthly: {{to: [finance], day: 5, by: team, formats: [html, xlsx]}}
dimensions:
  team: [{{tags: [team]}}]
"""
DELIVERED, FAILED, PARKED = DeliveryOutcome.DELIVERED, DeliveryOutcome.FAILED, DeliveryOutcome.PARKED


@pytest.fixture
def server(mail_server: Callable[..., MailServer]) -> MailServer:
    return mail_server()


@pytest.fixture
def parts(tmp_path: Path, server: MailServer) -> Iterator[Container]:
    (tmp_path / "policies").mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG.format(host=server.host, port=server.port), encoding="utf-8")
    opened = open_container(tmp_path / "finops.yaml", StoppedClock(datetime(2026, 5, 5, 8, tzinfo=UTC)))
    opened.lake.replace(delivery(rows(line("1234.5", period=APRIL, day=30)), source="prod"), run())
    yield opened
    opened.close()


def outcomes(parts: Container) -> list[DeliveryOutcome]:
    """A sender of its own each time, as after a restart."""
    return [outcome for _, outcome in StatementSender(parts, parts.receivers(), random=Random(1)).send_due()]


def later(parts: Container, **by: int) -> None:
    assert isinstance(parts.clock, StoppedClock)
    parts.clock.moment += timedelta(**by)


def test_it_arrives_once_with_its_files(parts: Container, server: MailServer) -> None:
    assert outcomes(parts) == [DELIVERED]
    later(parts, days=3)
    assert outcomes(parts) == []
    (mail,) = server.mailbox.messages
    assert mail["Subject"] == "Statement April 2026: 2,469.00 EUR"
    assert mail["Message-ID"] == "<statement-monthly-2026-04-finance@example.com>"
    assert [(part.get_filename(), part.get_content_type()) for part in mail.iter_attachments()] == [
        ("statement-2026-04.html", "text/html"),
        ("statement-2026-04.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "2026-04: effective 2,469.00 EUR, billed 1,234.50 EUR" in body.get_content()


def test_nothing_goes_out_before_its_day(parts: Container, server: MailServer) -> None:
    later(parts, days=-1)
    assert outcomes(parts) == []
    assert server.mailbox.messages == []


def test_a_server_that_is_busy_is_asked_again(parts: Container, server: MailServer) -> None:
    server.mailbox.data_answer = "451 try again"
    assert outcomes(parts) == [FAILED]
    assert outcomes(parts) == [], "it waits for its backoff"
    server.mailbox.data_answer = "250 OK"
    later(parts, hours=1)
    assert outcomes(parts) == [DELIVERED]
    assert len(server.mailbox.messages) == 1


def test_a_server_that_refuses_is_not_asked_again(parts: Container, server: MailServer) -> None:
    server.mailbox.data_answer = "554 no"
    assert outcomes(parts) == [PARKED]
    later(parts, days=1)
    assert outcomes(parts) == []
    assert parts.state.outbox.delivery_counts() == {("finance", PARKED): 1}


def test_a_month_without_a_bill_waits(parts: Container, server: MailServer) -> None:
    later(parts, days=31)
    assert outcomes(parts) == []
    assert server.mailbox.messages == []
    may = APRIL.replace(month=5)
    parts.lake.replace(delivery(rows(line("1", period=may)), source="prod", digest="may"), run())
    assert outcomes(parts) == [DELIVERED]
    assert server.mailbox.messages[0]["Subject"].startswith("Statement May 2026")
