"""``finops init``: what it writes is what every command takes, whatever was answered."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from finops.app.setup import (
    OFFERED,
    Answers,
    MailAnswer,
    SourceAnswer,
    files_of,
    lacks_rates,
    read_given,
    steps_after,
    verify,
)
from finops.app.setup.source_text import parse_source
from finops.config.plugins import source_kinds
from finops.errors import BadArguments, Malformed

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
NOTHING = {"currency": None, "budget": None, "team_tag": (), "mail": None, "smtp": None, "smtp_user": None}
FILES = SourceAnswer("bills", "focus-files", {"path": "./bills"})
EVERY = tuple(
    SourceAnswer(one.name, kind, {question.key: question.example for question in one.questions})
    for kind, one in OFFERED.items()
)


def test_every_offered_kind_is_installed_and_what_is_asked_are_its_options() -> None:
    for kind, one in OFFERED.items():
        options = source_kinds().load(kind).Options.model_fields
        assert {question.key for question in one.questions} <= set(options)
        needed = {name for name, field in options.items() if field.is_required()}
        assert needed <= {question.key for question in one.questions}


def test_what_all_kinds_and_a_mail_become_is_without_fault_and_its_tests_pass() -> None:
    mail = MailAnswer("finance@example.com", "smtp.example.com", "finops")
    verified = verify(files_of(Answers(EVERY, "EUR", Decimal("12000.50"), ("Team",), mail, "./eurofxref-hist.csv")))
    assert (verified.sources, verified.policies) == (len(OFFERED), "1 policy, 3 tests")


@pytest.mark.parametrize(
    ("host", "user", "written"),
    [
        ("smtp.example.com", "", {"host": "smtp.example.com"}),
        ("smtp.example.com:2525", "", {"host": "smtp.example.com", "port": 2525}),
        ("127.0.0.1:1025", "", {"host": "127.0.0.1", "port": 1025, "security": "none"}),
        (
            "localhost:1025",
            "anna",
            {"host": "localhost", "port": 1025, "user": "anna", "password": {"env": "SMTP_PASSWORD"}},
        ),
    ],
)
def test_a_mail_server_is_written_with_its_port(host: str, user: str, written: dict[str, object]) -> None:
    files = files_of(Answers((FILES,), "EUR", Decimal(1), mail=MailAnswer("a@example.com", host, user)))
    verify(files)
    assert YAML(typ="safe").load(files["finops.yaml"])["receivers"]["mail"]["smtp"] == written


@pytest.mark.parametrize("budget", ["0.01", "1", "999999999999999"])
def test_tests_pass_for_any_size_of_a_budget(budget: str) -> None:
    verify(files_of(Answers((FILES,), "JPY", Decimal(budget))))


@settings(max_examples=50)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30))
def test_an_answer_arrives_as_it_was_typed(text: str) -> None:
    answers = Answers((SourceAnswer("bills", "focus-files", {"path": text}),), "EUR", Decimal(1), (text,), rates=text)
    read = YAML(typ="safe").load(files_of(answers)["finops.yaml"])
    assert read["sources"]["bills"]["path"] == text
    assert read["dimensions"]["team"][0]["tags"] == [text]
    assert read["rates"]["path"] == text


def test_a_wrong_answer_is_named_by_the_file_that_it_would_stand_in() -> None:
    source = SourceAnswer("azure", "azure-cost-export", {"account_url": "nonsense", "container": "x"})
    with pytest.raises(Malformed) as caught:
        verify(files_of(Answers((source,), "EUR", Decimal(1))))
    assert [fault.file for fault in caught.value.faults] == ["finops.yaml"]
    assert "'nonsense' is not a valid URL" in str(caught.value)


def test_a_source_as_an_option() -> None:
    source = parse_source("focus-files:path=s3://bills/focus/,name=datacentre")
    assert source == SourceAnswer("datacentre", "focus-files", {"path": "s3://bills/focus/"})
    assert parse_source("openai-costs").values == {"api_key": "OPENAI_ADMIN_KEY"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("focus-file:path=x", "'focus-file' cannot be configured by finops init.*Did you mean 'focus-files'"),
        ("focus-files", "path missing.*--source focus-files:path=./bills"),
        ("aws-data-export:bucket=b", "export missing.*bucket=our-bills,prefix=focus,export=focus-daily"),
        ("focus-files:pth=x", "has no option 'pth'.*Did you mean 'path'"),
        ("focus-files:path", "'path' is not KEY=VALUE"),
        ("aws-cost-explorer:x=y", "has no option 'x'.*It has no options"),
    ],
)
def test_a_wrong_source_says_how_to_write_it(text: str, message: str) -> None:
    with pytest.raises(BadArguments) as caught:
        parse_source(text)
    assert caught.match(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sources": ["openai-costs", "openai-costs"]}, "two sources are named 'openai'"),
        ({"mail": "a@example.com"}, "mail requires an address and a server"),
        ({"smtp_user": "x"}, "a login requires a server"),
        ({"currency": "euro"}, "'euro' is not an ISO 4217 currency code"),
        ({"budget": "-5"}, "'-5' is not a valid amount"),
        ({"budget": "NaN"}, "'NaN' is not a valid amount"),
        ({"budget": "1e99"}, "'1e99' is not a valid amount"),
        ({}, "--source, --currency, --budget missing"),
        ({"sources": ["openai-costs"], "budget": "5"}, "^[^-]*--currency missing"),
    ],
)
def test_a_wrong_or_missing_option_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadArguments) as caught:
        read_given(**{"sources": [], "rates": None, **NOTHING, **options}).complete()
    assert caught.match(message)


def test_rates_are_asked_for_where_a_bill_surely_has_another_currency() -> None:
    aws = parse_source("aws-cost-explorer")
    assert lacks_rates(Answers((aws,), "EUR", Decimal(1)))
    assert not lacks_rates(Answers((aws,), "USD", Decimal(1)))
    assert not lacks_rates(Answers((aws,), "EUR", Decimal(1), rates="x.csv"))
    assert not lacks_rates(Answers((FILES,), "EUR", Decimal(1)))


def test_the_next_steps_name_the_configuration_and_what_is_needed_first() -> None:
    steps = list(steps_after(Answers(EVERY, "EUR", Decimal(1)), works=False, config=Path("x/finops.yaml"), now=NOW))
    assert steps[0][0] == "finops -c x/finops.yaml sources check"
    assert all(one.needs in steps[0][1] for one in OFFERED.values())
    assert [command for command, _ in steps][-1] == "finops -c x/finops.yaml run"
