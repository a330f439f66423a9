"""What ``finops init`` asks on a terminal: only what no option has said, and again what cannot be right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from rich.console import Console
from rich.prompt import Confirm, Prompt

from finops.app.setup import (
    OFFERED,
    Answers,
    Given,
    MailAnswer,
    Offered,
    SourceAnswer,
    files_of,
    lacks_rates,
    parse_budget,
    parse_currency,
    verify,
)
from finops.errors import BadArguments, FinopsError, Malformed

T = TypeVar("T")

_TRIED = Answers((SourceAnswer("bills", "focus-files", {"path": "./bills"}),), "EUR", Decimal(1000))
"""What the other questions are taken to be while one is tried."""


def ask(console: Console, given: Given) -> Answers:
    """Every answer, from the options or from the terminal. Raises ``BadArguments`` when the terminal is closed."""
    console.print("A few questions; nothing is written before the last. Ctrl-C stops.", highlight=False)
    try:
        sources = given.sources or _sources(console)
        currency = given.currency or _currency(console, sources)
        budget = given.budget or _asked(
            console, f"What may everything cost in a month, in {currency}?", parse_budget, example="10000"
        )
        answers = Answers(sources, currency, budget, given.team_tag or _team_tag(console), given.mail, given.rates)
        if answers.mail is None:
            answers = replace(answers, mail=_mail(console))
        if lacks_rates(answers):
            console.print(f"Some of these bills are in USD, verdicts are in {currency}: that needs rates by day.")
            path = _optional(console, "Path of the ECB's eurofxref-hist.csv (empty: later)")
            answers = replace(answers, rates=path)
    except EOFError:
        remedy = "Start again, or say it in options: finops init --help"
        raise BadArguments("the answers ended early", where="finops init", remedy=remedy) from None
    return answers


def _sources(console: Console) -> tuple[SourceAnswer, ...]:
    console.print("\nWhere do the bills come from?", style="bold")
    offered = list(OFFERED.values())
    for number, one in enumerate(offered, start=1):
        console.print(f"  {number}  {one.title}", markup=False, highlight=False)
    found: list[SourceAnswer] = []
    while not found or Confirm.ask("Another source?", console=console, default=False):
        chosen = Prompt.ask("Number", console=console, choices=[str(n + 1) for n in range(len(offered))])
        found.append(_source(console, offered[int(chosen) - 1], taken={source.name for source in found}))
    return tuple(found)


def _source(console: Console, offered: Offered, *, taken: set[str]) -> SourceAnswer:
    console.print(f"It needs {offered.needs}.", markup=False, highlight=False)
    name = offered.name
    while name in taken:
        name = _asked(console, "Its name here", str.strip, example=f"{offered.name}-2")
    while True:
        values = {
            question.key: _asked(console, _capital(question.asks), str.strip, example=question.example)
            if question.default is None
            else _optional(console, _capital(question.asks), question.default)
            for question in offered.questions
        }
        source = SourceAnswer(name, offered.kind, values)
        try:
            verify(files_of(replace(_TRIED, sources=(source,))))
        except Malformed as error:
            for fault in error.faults:
                console.print(f"{fault.message}. {fault.hint}", style="red", markup=False)  # type: ignore[attr-defined] # faults of files
            continue
        return source


def _currency(console: Console, sources: tuple[SourceAnswer, ...]) -> str:
    all_dollars = all(OFFERED[source.kind].bills_in == "USD" for source in sources)
    return _asked(
        console, "\nCurrency of every verdict", parse_currency, example="EUR", default="USD" if all_dollars else "EUR"
    )


def _team_tag(console: Console) -> str:
    return _optional(console, "Tag that names the team of a resource", "team") or "team"


def _mail(console: Console) -> MailAnswer | None:
    def wanted(text: str) -> MailAnswer | None:
        if not text.strip():
            return None
        mail = MailAnswer(text.strip(), "smtp.example.com")
        verify(files_of(replace(_TRIED, mail=mail)))
        return mail

    mail = _asked(console, "Mail address for alerts (empty: none)", wanted, example="finance@example.com", default="")
    if mail is None:
        return None
    host = _asked(console, "Mail server", str.strip, example="smtp.example.com")
    user = _optional(console, "Login there (empty: none; its password comes from $SMTP_PASSWORD)")
    return replace(mail, host=host, user=user)


def _asked(console: Console, question: str, read: Callable[[str], T], *, example: str, default: str | None = None) -> T:
    """Asks until the answer can be read."""
    while True:
        shown = f"{question} (like {example})" if default is None else question
        text = Prompt.ask(shown, console=console, default=default or "", show_default=bool(default))
        if default is None and not text.strip():
            continue
        try:
            return read(text)
        except Malformed as error:
            for fault in error.faults:
                console.print(f"{fault.message}. {fault.hint}", style="red", markup=False)  # type: ignore[attr-defined] # as above
        except FinopsError as error:
            console.print(f"{error.what}. {error.remedy}", style="red", markup=False)


def _optional(console: Console, question: str, default: str = "") -> str:
    return Prompt.ask(question, console=console, default=default, show_default=bool(default)).strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
