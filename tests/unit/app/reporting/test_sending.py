"""Statements that send themselves, to a real mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from finops.model.message import DeliveryOutcome
from finops.service.wiring import statement_senders
from tests.servers.smtp import MailServer
from tests.support.bills import APRIL, StoppedClock, delivery, line, rows, run

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
def container(tmp_path: Path, server: MailServer) -> Iterator[Container]:
    (tmp_path / "policies").mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG.format(host=server.host, port=server.port), encoding="utf-8")
    opened = open_container(tmp_path / "finops.yaml", StoppedClock(datetime(2026, 5, 5, 8, tzinfo=UTC)))
    opened.lake.replace(delivery(rows(line("1234.5", period=APRIL, day=30)), source="prod"), run())
    yield opened
    opened.close()


def outcomes(container: Container) -> list[DeliveryOutcome]:
    """A sender of its own each time, as after a restart."""
    [sender] = statement_senders(container, container.receivers(), Random(1))
    return [outcome for _, outcome in sender.send_due()]


def later(container: Container, **by: int) -> None:
    assert isinstance(container.clock, StoppedClock)
    container.clock.moment += timedelta(**by)


def test_it_arrives_once_with_its_files(container: Container, server: MailServer) -> None:
    assert outcomes(container) == [DELIVERED]
    later(container, days=3)
    assert outcomes(container) == []
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


def test_nothing_goes_out_before_its_day(container: Container, server: MailServer) -> None:
    later(container, days=-1)
    assert outcomes(container) == []
    assert server.mailbox.messages == []


def test_a_server_that_is_busy_is_asked_again(container: Container, server: MailServer) -> None:
    server.mailbox.data_answer = "451 try again"
    assert outcomes(container) == [FAILED]
    assert outcomes(container) == [], "it waits for its backoff"
    server.mailbox.data_answer = "250 OK"
    later(container, hours=1)
    assert outcomes(container) == [DELIVERED]
    assert len(server.mailbox.messages) == 1


def test_a_server_that_refuses_is_not_asked_again(container: Container, server: MailServer) -> None:
    server.mailbox.data_answer = "554 no"
    assert outcomes(container) == [PARKED]
    later(container, days=1)
    assert outcomes(container) == []
    assert container.state.outbox.delivery_counts() == {("finance", PARKED): 1}


def test_a_month_without_a_bill_waits(container: Container, server: MailServer) -> None:
    later(container, days=31)
    assert outcomes(container) == []
    assert server.mailbox.messages == []
    may = APRIL.replace(month=5)
    container.lake.replace(delivery(rows(line("1", period=may)), source="prod", digest="may"), run())
    assert outcomes(container) == [DELIVERED]
    assert server.mailbox.messages[0]["Subject"].startswith("Statement May 2026")


def test_a_team_gets_its_own_bill_once_it_has_settled(tmp_path: Path, server: MailServer) -> None:
    config = CONFIG.format(host=server.host, port=server.port)
    config = config[: config.index("statements:")] + config[config.index("dimensions:") :]
    (tmp_path / "policies").mkdir()
    (tmp_path / "bills").mkdir()
    bills = config.replace("path: ./none", "path: ./bills")
    (tmp_path / "finops.yaml").write_text(
        f'{bills}teams:\n  a b: {{cost_centre: "4711", receivers: [finance]}}\n', encoding="utf-8"
    )
    day = "2026-04-30T00:00:00Z,2026-05-01T00:00:00Z,2026-04-01T00:00:00Z,2026-05-01T00:00:00Z"
    (tmp_path / "bills" / "april.csv").write_text(
        "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,"
        "BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ServiceName,Tags\n"
        f'12.5,12.5,12.5,12.5,EUR,{day},Usage,Databases,"{{""team"":""a b""}}"\n',
        encoding="utf-8",
    )
    opened = open_container(tmp_path / "finops.yaml", StoppedClock(datetime(2026, 5, 5, 8, tzinfo=UTC)))
    try:
        assert outcomes(opened) == [], "nothing has settled"
        collect_all(opened.collectors)
        assert outcomes(opened) == [DELIVERED]
        assert outcomes(opened) == []
    finally:
        opened.close()
    (mail,) = server.mailbox.messages
    assert mail["Subject"] == "a b: 12.50 EUR in April 2026"
    assert mail["Message-ID"] == "<statement-team-a20b-2026-04-finance@example.com>"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["bill-2026-04.csv"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "cost centre 4711" in body.get_content()
    assert "12.50 EUR: Databases" in body.get_content()
    costs = "from=2026-04-01&to=2026-05-01&by=ServiceName&every=all&scope=team+%3D+%27a+b%27&compare=month"
    assert f"/costs?{costs}\n" in body.get_content().replace("\r", "")
