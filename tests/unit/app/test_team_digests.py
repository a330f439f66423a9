"""What changed and what to do, once a week to the owners of a team, through a real mail server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from finops.model.message import DeliveryOutcome
from finops.model.statement_order import StatementOrder
from finops.service.deadline import BoundedReceiver
from finops.service.wiring import statement_senders
from tests.servers.smtp import MailServer
from tests.support.bills import StoppedClock

GOLDEN = Path(__file__).parents[2] / "golden" / "mail"
BEGIN = date(2026, 4, 20)
WEDNESDAY = datetime(2026, 5, 13, 8, tzinfo=UTC)
CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: EUR
http: {{listen: "127.0.0.1:9700", external_url: "https://finops.example.com"}}
sources:
  prod: {{kind: focus-files, path: ./bills}}
receivers:
  mail:
    kind: email
    from: finops@example.com
    to: [finance@example.com]
    smtp: {{host: {host}, port: {port}, security: none}}
dimensions:
  team: [{{tags: [team]}}]
allocations:
  platform:
    scope: team = 'platform'
    to: team
    by: {{weights: {{checkout: 40, search: 60}}}}
teams:
  checkout:
    cost_centre: "4711"
    owners: [anna@example.com, ben@example.com]
    digest: {{receiver: mail, weekday: wednesday}}
  search: {{owners: [carl@example.com]}}
"""
POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: checkout-monthly, owner: anna}
spec: {scope: team = 'checkout', period: month, amount: 100 EUR, alerts: [{when: spent > 100%, severity: critical}]}
"""
HEAD = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,"
    "BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ServiceName,SubAccountId,Tags\n"
)
DELIVERED, FAILED = DeliveryOutcome.DELIVERED, DeliveryOutcome.FAILED


def row(day: date, amount: str, team: str, service: str) -> str:
    of_day = f"{day}T00:00:00Z,{day + timedelta(days=1)}T00:00:00Z"
    bill = f"2026-{day.month:02}-01T00:00:00Z,2026-{day.month + 1:02}-01T00:00:00Z"
    return f'{f"{amount}," * 4}EUR,{of_day},{bill},Usage,{service},1,"{{""team"":""{team}""}}"\n'


def write_bill(folder: Path, through: date) -> None:
    days = [BEGIN + timedelta(days=offset) for offset in range((through - BEGIN).days + 1)]
    rows = []
    for day in days:
        rows.append(row(day, "20" if day > date(2026, 5, 3) else "10", "checkout", "Databases"))
        rows.append(row(day, "10", "platform", "Kubernetes"))
        rows.append(row(day, "7", "search", "Search"))
    for month in ("2026-04", "2026-05"):
        own = [one for one in rows if f"EUR,{month}" in one]
        (folder / "bills" / f"{month}.csv").write_text(HEAD + "".join(own), encoding="utf-8")


@pytest.fixture
def server(mail_server: Callable[..., MailServer]) -> MailServer:
    return mail_server()


@pytest.fixture
def container(tmp_path: Path, server: MailServer) -> Iterator[Container]:
    for name in ("policies", "bills"):
        (tmp_path / name).mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG.format(host=server.host, port=server.port), encoding="utf-8")
    (tmp_path / "policies" / "budgets.yaml").write_text(POLICY, encoding="utf-8")
    opened = open_container(tmp_path / "finops.yaml", StoppedClock(WEDNESDAY))
    yield opened
    opened.close()


def outcomes(container: Container) -> list[DeliveryOutcome]:
    """A sender of its own each time, as after a restart, or of another replica."""
    receivers = {name: BoundedReceiver(one) for name, one in container.receivers().items()}  # as the service does
    [sender] = statement_senders(container, receivers, Random(1))
    return [outcome for _, outcome in sender.send_due()]


def later(container: Container, **by: int) -> None:
    assert isinstance(container.clock, StoppedClock)
    container.clock.moment += timedelta(**by)


def collected(container: Container, tmp_path: Path, through: date) -> None:
    write_bill(tmp_path, through)
    collect_all(container.collectors)
    container.state.snapshots.save(b"evaluated", container.clock.now())


def test_owners_learn_what_changed_and_what_to_do(container: Container, server: MailServer, tmp_path: Path) -> None:
    """``FINOPS_WRITE_GOLDEN=1`` writes the mail anew."""
    collected(container, tmp_path, date(2026, 5, 12))
    assert outcomes(container) == [DELIVERED]
    (mail,) = server.mailbox.messages
    assert mail["To"] == "anna@example.com, ben@example.com"
    more = "70.00 EUR more (+71 %)"
    assert mail["Subject"] == f"Checkout spent 168 EUR in the week to 10 May, {more}; 1 budget is over"
    assert mail["Message-ID"] == "<statement-digest-checkout-2026-05-13-mail@example.com>"
    for form, ending in (("plain", "txt"), ("html", "html")):
        part = mail.get_body((form,))
        assert part is not None
        text = str(part.get_content()).replace("\r\n", "\n")
        golden = GOLDEN / f"digest.{ending}"
        if os.environ.get("FINOPS_WRITE_GOLDEN"):
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8")
        assert "carl" not in text
        assert "Search" not in text


def test_one_goes_out_each_week(container: Container, server: MailServer, tmp_path: Path) -> None:
    collected(container, tmp_path, date(2026, 5, 12))
    server.mailbox.data_answer = "451 try again"
    assert outcomes(container) == [FAILED]
    server.mailbox.data_answer = "250 OK"
    later(container, hours=1)
    assert outcomes(container) == [DELIVERED]
    for _ in range(6):  # restarts, and other replicas
        later(container, hours=22)
        assert outcomes(container) == []
    later(container, days=2)
    collected(container, tmp_path, date(2026, 5, 19))
    assert outcomes(container) == [DELIVERED]
    assert [mail["Message-ID"][27:37] for mail in server.mailbox.messages] == ["2026-05-13", "2026-05-20"]


def test_a_missed_week_is_not_made_up_for(container: Container, server: MailServer, tmp_path: Path) -> None:
    collected(container, tmp_path, date(2026, 5, 19))
    later(container, days=12)  # Monday: two Wednesdays have passed
    assert outcomes(container) == [DELIVERED]
    assert ["2026-05-20" in mail["Message-ID"] for mail in server.mailbox.messages] == [True]


def test_missing_data_is_named_first(container: Container, server: MailServer, tmp_path: Path) -> None:
    assert outcomes(container) == [], "nothing is known yet"
    collected(container, tmp_path, date(2026, 5, 12))
    for path in (tmp_path / "lake" / "costs_daily").glob("source=*/*/*.parquet"):
        path.unlink()
    later(container, minutes=1)
    assert outcomes(container) == [DELIVERED]
    (mail,) = server.mailbox.messages
    assert mail["Subject"] == "Data incomplete: Checkout: the cost of the week to 10 May is unknown"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "finops lake rebuild" in body.get_content()
    assert "0.00" not in body.get_content()


def test_it_waits_for_the_first_evaluation(container: Container, server: MailServer, tmp_path: Path) -> None:
    write_bill(tmp_path, date(2026, 5, 12))
    collect_all(container.collectors)
    assert outcomes(container) == [], "nobody knows which alerts fire"
    container.state.snapshots.save(b"evaluated", container.clock.now())
    assert outcomes(container) == [DELIVERED]
    assert len(server.mailbox.messages) == 1


def test_an_invalid_policy_file_is_named(container: Container, server: MailServer, tmp_path: Path) -> None:
    collected(container, tmp_path, date(2026, 5, 12))
    (tmp_path / "policies" / "budgets.yaml").write_text(POLICY.replace("amount", "amuont"), encoding="utf-8")
    assert outcomes(container) == [DELIVERED]
    (mail,) = server.mailbox.messages
    assert mail["Subject"].startswith("Data incomplete: ")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "budgets.yaml have no verdict: it is invalid" in " ".join(body.get_content().split())


def test_old_data_is_named(container: Container, server: MailServer, tmp_path: Path) -> None:
    collected(container, tmp_path, date(2026, 5, 12))
    later(container, days=14)
    assert outcomes(container) == [DELIVERED]
    (mail,) = server.mailbox.messages
    assert mail["Subject"].startswith("Data incomplete: Checkout spent ")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Costs are settled through 2026-05-10 only" in " ".join(body.get_content().split())


@pytest.mark.parametrize("weekday", range(7))
def test_each_day_belongs_to_the_newest_weekday_before_it(weekday: int) -> None:
    order = StatementOrder("digest-a", ("mail",), 1, None, (), weekday)
    due = [order.due(date(2026, 5, 4) + timedelta(days=offset)) for offset in range(28)]
    assert [day.weekday() for day in due if day is not None] == [weekday] * 28
    assert len(set(due)) == (4 if weekday == 0 else 5)
