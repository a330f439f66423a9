"""A mail that finance forwards: its picture, its digest, its size, and names that somebody made up to harm."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path

import pytest
import vl_convert

from finops.demo.mailbox import Mailbox
from finops.model.evaluation import Track
from finops.model.finding import Driver, Finding, Severity, State
from finops.model.notice import Earlier, Notice, NoticeReason
from finops_exporters.email import Email, EmailOptions
from finops_exporters.email.chart import chart_of, small_png
from finops_exporters.email.compose import compose
from tests.support.hostile_names import HOSTILE_NAMES
from tests.support.profiles import PROFILES
from tests.support.verdicts import HOUR, T0, MovableClock, notice, verdict

LARGEST_MAIL = 100_000
"""Bytes on the wire."""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><path d="M0 0L60 40" stroke="red"/></svg>'


def mail(notices: Sequence[Notice]) -> EmailMessage:
    """As it comes out of a mailbox."""
    made = compose(
        notices,
        receiver="finance",
        sender=Address("FinOps", "finops", "example.com"),
        to=[Address("", "finance", "example.com")],
        idempotency_key="the-key",
        sent_at=T0,
        profiles=PROFILES,
    )
    return message_from_bytes(bytes(made), policy=default)


def body(message: EmailMessage, form: str) -> str:
    part = message.get_body((form,))
    assert part is not None
    return str(part.get_content())


def pictures(message: EmailMessage) -> dict[str, bytes]:
    return {
        str(part["Content-ID"]).strip("<>"): part.get_content()
        for part in message.walk()
        if part.get_content_maintype() == "image"
    }


def with_days(finding: Finding) -> Notice:
    days = tuple(date(2026, 3, 1) + timedelta(days=n) for n in range(20))
    spent = tuple(Decimal(400 + 37 * n % 91) for n in range(20))
    due = tuple(Decimal(387 * (n + 1)) for n in range(31))
    track = Track(finding.policy, "", finding.period, "EUR", days, spent, due, date(2026, 3, 17))
    return notice(finding=finding, track=track)


def test_the_picture_of_the_page_stands_in_the_mail() -> None:
    message = mail([with_days(verdict())])

    [(cid, png)] = pictures(message).items()
    assert png.startswith(b"\x89PNG")
    assert f'src="cid:{cid}"' in body(message, "html")
    assert "Spend against budget" in body(message, "html")
    assert message.get_content_type() == "multipart/alternative"
    one = with_days(verdict())
    assert bytes(mail([one])) == bytes(mail([one]))


def test_a_smaller_picture_is_the_same_picture() -> None:
    png = vl_convert.svg_to_png(SVG)
    small = small_png(png)

    def pixels(picture: bytes) -> tuple[bytes, bytes]:
        start = picture.index(b"IDAT")
        (length,) = struct.unpack_from(">I", picture, start - 4)
        return picture[16:29], zlib.decompress(picture[start + 4 : start + 4 + length])

    assert len(small) <= len(png)
    assert pixels(small) == pixels(png)


@pytest.mark.parametrize(
    "kind", ["Budget", "Growth", "UnitCost", "Value", "Anomaly", "Allocation", "Commitment", "Carbon", "X"]
)
def test_days_that_show_nothing_make_no_picture_and_no_fault(kind: str) -> None:
    one = with_days(verdict(kind=kind))
    assert one.track is not None

    assert chart_of(replace(one, track=None), PROFILES) is None
    assert chart_of(replace(one, track=replace(one.track, days=(), spent=())), PROFILES) is None
    chart = chart_of(one, PROFILES)
    assert (chart is not None) >= (kind == "Budget")


def test_a_digest_lists_all_and_tells_the_first_in_full() -> None:
    many = [with_days(verdict(policy=f"p{number}", severity=Severity.CRITICAL)) for number in range(6)]
    many.append(notice(NoticeReason.RESOLVED, verdict(State.OK, policy="over")))
    message = mail(many)

    assert message["Subject"] == ("6 new, 1 resolved: p0 is spending 29 % faster than planned in March, and 6 more")
    for form in ("plain", "html"):
        text = body(message, form)
        for name in (
            "p0 is",
            "p5 is",
            "Over is within",
            "6 new, 1 resolved",
            "Resolved · Budget",
            "Amazon RDS",
        ):
            assert name in text
        assert text.count("Data complete through") == 3


def test_what_happened_in_between_is_told() -> None:
    earlier = (Earlier(T0 - HOUR, NoticeReason.FIRST, Severity.WARNING, "pace 120 % > 110 %"),)
    message = mail([notice(NoticeReason.ESCALATED, earlier=earlier)])

    for form in ("plain", "html"):
        assert "Since the last notification" in body(message, form)
        assert "2026-03-20 05:00 UTC new (warning): pace 120 %" in body(message, form).replace("&gt;", ">")


def test_the_largest_mail_is_small_enough_for_every_mailbox() -> None:
    name = HOSTILE_NAMES["long-words"]
    finding = verdict(
        policy=name,
        owner=name,
        group={name: name},
        reason=name,
        description=name,
        drivers=tuple(Driver(name, name, Decimal(n), name=name) for n in range(5)),
    )
    earlier = tuple(Earlier(T0, NoticeReason.ESCALATED, Severity.CRITICAL, name) for _ in range(20))
    storm = [replace(with_days(finding), note=name, earlier=earlier)] * 500

    assert len(bytes(mail(storm))) < LARGEST_MAIL
    assert len(bytes(mail(storm[:3]))) < LARGEST_MAIL


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


KNOWN = Tags(body(mail([with_days(verdict()), *[notice(note="x")] * 4]), "html"))


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_a_name_made_up_to_harm_is_only_text(name: str) -> None:
    finding = verdict(
        policy=name, owner=name, group={name: name, "team": name}, reason=name, description=name, measure=name,
        drivers=(Driver(name, name, Decimal(1), name=name),), demand=name,
    )  # fmt: skip
    one = replace(with_days(finding), note=name, link=f"https://x.example/{name}", alert_id=name)
    message = mail([one, *[replace(one, track=None)] * 4])

    assert set(message.keys()) <= {
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type", "References",
    }  # fmt: skip
    assert message["To"] == "finance@example.com"
    assert len(message["Subject"]) <= 320
    tags = Tags(body(message, "html"))
    assert tags.found <= KNOWN.found | {"ul", "li", "a"}
    assert tags.attributes <= KNOWN.attributes | {"href"}
    for form in ("plain", "html"):
        assert not set("\x00\x1b\x07\u202e\u2066\u2028\x0b") & set(body(message, form))
    assert not any(line.startswith(("Bcc", "MAIL FROM")) for line in body(message, "plain").splitlines())


def test_the_demo_s_mailbox_shows_a_mail_with_its_picture(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.start()
    try:
        smtp = {"host": "127.0.0.1", "port": mailbox.port, "security": "none"}
        options = EmailOptions.model_validate({"to": ["a@example.com"], "smtp": smtp})
        email = Email.from_options("finance", options, base=tmp_path, clock=MovableClock(), profiles=PROFILES)
        for policy in ("<b>one</b>", "two"):
            email.send([with_days(verdict(policy=policy))], idempotency_key=policy)
    finally:
        mailbox.stop()

    assert 'src="data:image/png;base64,' in (tmp_path / "0001.html").read_text(encoding="utf-8")
    assert "9,500.00 EUR (79 % of the budget)" in (tmp_path / "0002.txt").read_text(encoding="utf-8")
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;one&lt;/b&gt;" in index
    assert index.index("0002.html") < index.index("0001.html")
