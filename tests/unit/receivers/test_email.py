"""What is the mail's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from finops.errors import DeliveryFailed, DeliveryRefused
from finops.model.finding import Change, Driver, Severity
from finops.model.finding import State as Verdict
from finops.model.money import Money
from finops.model.notice import NoticeReason
from finops.model.period import Period
from finops_exporters.email import Email, EmailOptions
from finops_exporters.email.compose import TONES, compose, subject_of_all
from finops_exporters.email.options import parse_address
from tests.servers.smtp import PASSWORD, USER, MailServer
from tests.support.profiles import PROFILES
from tests.support.verdicts import T0, MovableClock, notice, verdict

Start = Callable[..., MailServer]
STYLES = files("finops_exporters.pages").joinpath("static/finops.css").read_text(encoding="utf-8")
HOSTILE = "x\r\nBcc: thief@example.com\n\n<script>alert('1')</script> \x00\u202e=cmd|' /C calc'!A0"


def email_to(server: MailServer, *to: str, base: Path = Path(), **smtp: Any) -> Email:
    options = EmailOptions.model_validate(
        {
            "to": list(to) or ["finance@example.com"],
            "from": "FinOps <finops@example.com>",
            "timeout_seconds": 5,
            "smtp": {"host": server.host, "port": server.port, "security": "none", **smtp},
        }
    )
    return Email.from_options("finance", options, base=base, clock=MovableClock(), profiles=PROFILES)


def composed(*notices: Any) -> EmailMessage:
    sender, to = parse_address("finops@example.com"), parse_address("finance@example.com")
    return compose(
        notices or (notice(),),
        receiver="finance",
        sender=sender,
        to=[to],
        idempotency_key="the-key",
        sent_at=T0,
        profiles=PROFILES,
    )


def content(message: EmailMessage, form: str) -> str:
    body = message.get_body((form,))
    assert body is not None
    return str(body.get_content())


class _Words(HTMLParser):
    """The text of a page and every tag in it."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def page(html: str) -> _Words:
    words = _Words()
    words.feed(html)
    return words


def test_headers_say_what_and_how_much() -> None:
    message = composed(notice(finding=verdict(group={"team": "checkout", "env": "prod"}, severity=Severity.CRITICAL)))

    expected = "Prod, checkout (checkout-monthly) is spending 29 % faster than planned in March"
    assert message["Subject"] == expected
    assert message["Date"] == "Fri, 20 Mar 2026 06:00:00 +0000"
    assert message["Message-ID"] == "<the-key@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("reason", "subject"),
    [
        (NoticeReason.FIRST, "Checkout is spending 29 % faster than planned in March"),
        (NoticeReason.ESCALATED, "Escalated to warning: Checkout is spending 29 % faster than planned in March"),
        (NoticeReason.DEESCALATED, "Eased to warning: Checkout is spending 29 % faster than planned in March"),
        (NoticeReason.REPEAT, "Reminder: Checkout is spending 29 % faster than planned in March"),
        (NoticeReason.TEST, "[TEST] Checkout is spending 29 % faster than planned in March"),
    ],
)
def test_subjects(reason: NoticeReason, subject: str) -> None:
    assert subject_of_all([notice(reason)], PROFILES) == subject


def test_a_subject_of_a_resolve_tells_where_the_budget_is_now() -> None:
    resolved = notice(NoticeReason.RESOLVED, verdict(Verdict.OK))

    assert subject_of_all([resolved], PROFILES) == "Resolved: Checkout is within its March budget (79 % spent)"


def test_a_subject_for_many() -> None:
    many = [notice(finding=verdict(policy=f"p{number}")) for number in range(5)]

    assert subject_of_all(many, PROFILES) == "5 new: p0 is spending 29 % faster than planned in March, and 4 more"


def test_text_and_html_say_the_same() -> None:
    one = notice(note="The policy was removed.", finding=verdict(description="Everything behind the till"))
    message = composed(one)
    shown = page(content(message, "html"))
    html = " ".join(" ".join(shown.text).split())
    text = " ".join(content(message, "plain").split())

    for fact in (
        "Warning · Budget",
        "Checkout is spending 29 % faster than planned in March",
        "Spending is 29 % faster than planned; the threshold is 10 % faster than planned.",
        "9,500.00 EUR (79 % of the budget)",
        "12,000.00 EUR (March 2026)",
        "The policy was removed.",
        "Everything behind the till",
        "team-checkout",
        "2026-03-20 05:00 UTC",
        "2026-03-17 (3 days before the verdict)",
        "+1,200.00 EUR",
        "Amazon RDS",
        one.finding.id,
    ):
        assert fact in text
        assert fact in html
    assert one.link in text
    assert ("a", one.link) in [(tag, attributes.get("href")) for tag, attributes in shown.tags]


def test_hostile_text_is_text() -> None:
    finding = verdict(
        policy=HOSTILE,
        owner=HOSTILE,
        group={HOSTILE: HOSTILE},
        reason=HOSTILE,
        description=HOSTILE,
        drivers=(Driver(HOSTILE, HOSTILE, Decimal(1)),),
        amount={HOSTILE: Money(Decimal(1), "EUR")},
        measure=HOSTILE,
    )
    message = composed(notice(finding=finding, note=HOSTILE, link="javascript:alert(1)", alert_id=HOSTILE))

    wire = bytes(message)
    headers = wire.split(b"\r\n\r\n", 1)[0]
    assert b"\r\nBcc" not in headers
    assert message["Bcc"] is None
    shown = page(content(message, "html"))
    assert {tag for tag, _ in shown.tags} <= {
        "html", "head", "meta", "title", "body", "div", "h2", "p", "bdi", "table", "tr", "td", "em", "span",
    }  # fmt: skip
    for form in ("plain", "html"):
        body = content(message, form)
        assert not {"\x00", "\u202e"} & set(body)
        assert "javascript:" not in body
        assert not any(line.startswith("Bcc") for line in body.splitlines())


def test_a_mail_tells_the_change_in_words_and_what_whose_and_which_drove_it() -> None:
    change = Change(
        before=Period(date(2025, 12, 1), date(2026, 2, 18)),
        after=Period(date(2026, 3, 1), date(2026, 3, 18)),
        before_amount=Decimal(8000),
        after_amount=Decimal(9200),
        volume=Decimal(1300),
        price=Decimal(-100),
        mix=Decimal(0),
        other=Decimal(0),
        before_days=51,
        after_days=17,
    )
    drivers = (
        Driver("ServiceName", "Amazon RDS", Decimal(1100)),
        *(Driver("SubAccountId", f"000{n}", Decimal(100 - n), name=f"team {n}") for n in range(4)),
        Driver("RegionId", "eu-west-1", Decimal(90)),
        Driver("ResourceId", "vol-1", Decimal(80), name="disk"),
    )
    message = composed(notice(finding=verdict(change=change, drivers=drivers)))

    told = "+1,200.00 EUR: +1,300.00 volume, −100.00 price"
    days = "(17 days to 17 March 2026, against 51 days from 1 December 2025 to 17 February 2026, scaled to 17)"
    for form in ("plain", "html"):
        body = content(message, form)
        assert f"{told} {days}" in body
        for name in ("Amazon RDS", "team 0 (0000)", "team 1 (0001)", "disk (vol-1)"):
            assert name in body
        assert "team 2" not in body


def test_a_mail_leads_to_the_costs_behind_it_where_there_are_any() -> None:
    def links(costs: str) -> tuple[str, set[str | None]]:
        message = composed(notice(costs=costs))
        return content(message, "plain"), {
            attributes.get("href") for _, attributes in page(content(message, "html")).tags
        }

    costs = "https://finops.example.com/costs?from=2026-03-01&to=2026-03-21"
    text, hrefs = links(costs)
    assert f"Costs behind it: {costs}" in text
    assert costs in hrefs
    for none in ("", "javascript:alert(1)"):
        text, hrefs = links(none)
        assert "Costs behind it" not in text
        assert none not in hrefs


def test_a_small_amount_is_not_shown_as_nothing_and_names_its_units() -> None:
    cost = verdict(
        kind="UnitCost",
        measure="unit_cost",
        amount={"unit_cost": Money(Decimal("0.000040"), "USD")},
        demand="tokens",
        per=Decimal(1_000_000),
    )
    message = composed(notice(finding=cost))

    assert message["Subject"] == "Checkout costs 0.00004 USD per 1,000,000 tokens"
    assert "Unit cost: 0.00004 USD (per 1,000,000 tokens, March 2026)" in content(message, "plain")


def test_what_is_not_known_is_said() -> None:
    text = content(composed(notice(finding=verdict(amount={}, limit=None, complete_through=None))), "plain")

    assert "Spent: unknown" in text
    assert "Data complete through: no day is settled yet" in text


def test_mails_have_the_colours_of_the_pages() -> None:
    [light] = re.findall(r"^:root \{(.*?)^\}", STYLES, re.DOTALL | re.MULTILINE)[:1]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light))

    assert {tone: colours[tone] for tone in TONES} == TONES
    mail = content(composed(), "html")
    assert set(re.findall(r"#[0-9a-f]{6}", mail)) <= set(colours.values())


def test_a_resolved_alert_and_its_firing_are_one_conversation() -> None:
    firing, resolved = composed(notice()), composed(notice(NoticeReason.RESOLVED, verdict(Verdict.OK)))

    assert firing["References"] == resolved["References"] == "<alert-a1b2c3d4e5f60718@example.com>"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_and_logged_in(
    mail_server: Start, security: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = mail_server(security, login=True)
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    receiver = email_to(server, security=security, ca_file=server.ca_file, user=USER, password={"env": "SMTP_PASSWORD"})

    assert receiver.send([notice()], idempotency_key="k") == "accepted for 1 recipient"

    [envelope] = server.mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("finops@example.com", ["finance@example.com"])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for(mail_server: Start, security: str) -> None:
    server = mail_server(security)

    with pytest.raises(DeliveryFailed, match="certificate is not trusted"):
        email_to(server, security=security).send([notice()], idempotency_key="k")

    assert server.mailbox.envelopes == []


def test_a_wrong_password_is_refused_and_not_repeated(mail_server: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = mail_server("tls", login=True)
    monkeypatch.setenv("SMTP_PASSWORD", "wr0ng")
    receiver = email_to(server, security="tls", ca_file=server.ca_file, user=USER, password={"env": "SMTP_PASSWORD"})

    with pytest.raises(DeliveryRefused, match="rejects the login") as caught:
        receiver.send([notice()], idempotency_key="k")

    assert "wr0ng" not in str(caught.value)


def test_a_password_beyond_ascii_is_named_but_not_shown(mail_server: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = mail_server("tls", login=True)
    monkeypatch.setenv("SMTP_PASSWORD", "pässwörd")
    receiver = email_to(server, security="tls", ca_file=server.ca_file, user=USER, password={"env": "SMTP_PASSWORD"})

    with pytest.raises(DeliveryRefused, match="ASCII") as caught:
        receiver.send([notice()], idempotency_key="k")

    assert "ssw" not in str(caught.value).replace("password", "")


def test_a_server_without_encryption_gets_no_mail(mail_server: Start) -> None:
    server = mail_server("none")

    with pytest.raises(DeliveryFailed, match="STARTTLS"):
        email_to(server, security="starttls").send([notice()], idempotency_key="k")

    assert server.mailbox.envelopes == []


def test_recipients_that_are_refused_are_named(mail_server: Start) -> None:
    server = mail_server()
    server.mailbox.rcpt_answers["gone@example.com"] = "550 no such user"
    receiver = email_to(server, "finance@example.com", "gone@example.com")

    answer = receiver.send([notice()], idempotency_key="k")

    assert answer == "accepted for 1 recipient; refused: gone@example.com (SMTP 550 no such user)"
    assert [envelope.rcpt_tos for envelope in server.mailbox.envelopes] == [["finance@example.com"]]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [(("550 no", "551 no"), DeliveryRefused), (("550 no", "450 later"), DeliveryFailed)],
)
def test_when_every_recipient_is_refused(
    mail_server: Start, answers: tuple[str, str], expected: type[Exception]
) -> None:
    server = mail_server()
    server.mailbox.rcpt_answers = dict(zip(("a@example.com", "b@example.com"), answers, strict=True))

    with pytest.raises(expected, match=r"a@example\.com.*b@example\.com"):
        email_to(server, "a@example.com", "b@example.com").send([notice()], idempotency_key="k")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"to": []}, "at least 1"),
        ({"to": ["nobody"]}, "is not a valid email address"),
        ({"to": ["a@example.com\nBcc: b@example.com"]}, "is not a valid email address"),
        ({"to": ["a@example.com, b@example.com"]}, "is not a valid email address"),
        ({"from": "x"}, "is not a valid email address"),
        ({"smtp": {"host": "h", "user": "u"}}, "user and password"),
        ({"smtp": {"host": "h", "user": "u", "password": "p"}}, "must not be written inline"),
        ({"smtp": {"host": "h", "security": "none", "user": "u", "password": {"env": "P"}}}, "unencrypted"),
        ({"smtp": {"host": "h", "security": "ssl"}}, "starttls"),
    ],
)
def test_options_that_cannot_be_meant(changes: dict[str, Any], message: str) -> None:
    valid: dict[str, Any] = {"to": "finance@example.com", "from": "finops@example.com", "smtp": {"host": "h"}}
    EmailOptions.model_validate(valid)

    with pytest.raises(ValidationError, match=message):
        EmailOptions.model_validate({**valid, **changes})


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_usual_ports(security: str, port: int) -> None:
    options = EmailOptions.model_validate(
        {"to": "a@example.com", "from": "b@example.com", "smtp": {"host": "h", "security": security}}
    )

    assert options.smtp.effective_port == port


@pytest.mark.parametrize(
    ("more", "sender"),
    [
        ({}, "finops@example.com"),
        ({"from": "FinOps <costs@example.org>"}, "costs@example.org"),
        ({"smtp": {"host": "h", "user": "me@example.net", "password": {"env": "P"}}}, "me@example.net"),
        ({"smtp": {"host": "h", "user": "me", "password": {"env": "P"}}}, "finops@example.com"),
    ],
)
def test_without_a_sender_the_mail_still_has_one(more: dict[str, Any], sender: str) -> None:
    options = EmailOptions.model_validate({"to": ["finance@example.com"], "smtp": {"host": "h"}, **more})
    assert options.effective_sender.addr_spec == sender
