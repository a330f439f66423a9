"""The questions of ``finops init``: those that no option answers, repeated until the answer is valid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
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
    findings_of,
    foreign_currencies,
    lacks_rates,
    parse_budget,
    parse_currency,
    verify,
)
from finops.errors import BadArguments, FinopsError, Malformed

T = TypeVar("T")

_TRIED = Answers((SourceAnswer("bills", "focus-files", {"path": "./bills"}),), "EUR", Decimal(1000))
"""The other answers while one is validated."""


def ask(console: Console, given: Given, base: Path) -> Answers:
    """Every answer, from the options or from the terminal. Raises ``BadArguments`` when the terminal is closed."""
    console.print("Nothing is written before the last question. Press Ctrl-C to cancel.", highlight=False)
    try:
        sources = given.sources or _sources(console)
        found = replace(given, sources=sources).from_bills(base, _quiet)
        if found.survey is not None:
            for line in findings_of(found.survey):
                console.print(line, highlight=False)
        elif found.unread:
            console.print(f"Nothing can be proposed from the bills: {found.unread}", style="yellow")
        currency = given.currency or _currency(console, sources, found.currency)
        proposed = found.survey.budget(currency) if found.survey is not None else None
        budget = given.budget or _asked(
            console,
            f"Monthly budget for all costs, in {currency}",
            parse_budget,
            example="10000",
            default=f"{proposed:f}" if proposed is not None else None,
        )
        tags = given.team_tags or _team_tags(console, found.team_tags or ("team",))
        answers = Answers(sources, currency, budget, tags, given.mail, given.rates, found.survey, given.editor)
        if answers.mail is None:
            answers = replace(answers, mail=_mail(console))
        if lacks_rates(answers):
            console.print(
                f"Some bills are in {', '.join(foreign_currencies(answers))} and the reporting currency is {currency}: "
                "daily exchange rates are required."
            )
            path = _optional(console, "Path of the ECB's eurofxref-hist.csv (empty: later)")
            answers = replace(answers, rates=path)
    except EOFError:
        remedy = "Start again, or pass options; see finops init --help"
        raise BadArguments(
            "standard input was closed before the last answer", where="finops init", remedy=remedy
        ) from None
    return answers


def _sources(console: Console) -> tuple[SourceAnswer, ...]:
    console.print("\nWhere do the bills come from?", style="bold")
    offered = list(OFFERED.values())
    for number, one in enumerate(offered, start=1):
        console.print(f"  {number}  {one.title}", highlight=False)
    found: list[SourceAnswer] = []
    while not found or Confirm.ask("Another source?", console=console, default=False):
        chosen = Prompt.ask("Number", console=console, choices=[str(n + 1) for n in range(len(offered))])
        found.append(_source(console, offered[int(chosen) - 1], taken={source.name for source in found}))
    return tuple(found)


def _source(console: Console, offered: Offered, *, taken: set[str]) -> SourceAnswer:
    console.print(f"It needs {offered.needs}.", highlight=False)
    name = offered.name
    while name in taken:
        name = _asked(console, "Name of this source", str.strip, example=f"{offered.name}-2")
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
                console.print(f"{fault.message}. {fault.hint}", style="red")  # type: ignore[attr-defined] # faults of files
            continue
        return source


def _quiet(_doing: str) -> None:
    """Reading is over before anybody could read what is done."""


def _currency(console: Console, sources: tuple[SourceAnswer, ...], billed_in: str | None) -> str:
    all_dollars = all(OFFERED[source.kind].bills_in == "USD" for source in sources)
    return _asked(
        console,
        "\nReporting currency",
        parse_currency,
        example="EUR",
        default=billed_in or ("USD" if all_dollars else "EUR"),
    )


def _team_tags(console: Console, proposed: tuple[str, ...]) -> tuple[str, ...]:
    """Typed between commas: a tag key may hold blanks."""
    typed = _optional(console, "Tag that holds the team of a resource (several: a, b)", ", ".join(proposed))
    return tuple(filter(None, (key.strip() for key in typed.split(",")))) or proposed


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
    user = _optional(console, "Login (empty: none; the password is read from $SMTP_PASSWORD)")
    return replace(mail, host=host, user=user)


def _asked(console: Console, question: str, read: Callable[[str], T], *, example: str, default: str | None = None) -> T:
    """Asks until the answer can be read."""
    while True:
        shown = f"{question} (for example {example})" if default is None else question
        text = Prompt.ask(shown, console=console, default=default or "", show_default=bool(default))
        if default is None and not text.strip():
            continue
        try:
            return read(text)
        except Malformed as error:
            for fault in error.faults:
                console.print(f"{fault.message}. {fault.hint}", style="red")  # type: ignore[attr-defined] # as above
        except FinopsError as error:
            console.print(f"{error.what}. {error.remedy}", style="red")


def _optional(console: Console, question: str, default: str = "") -> str:
    return Prompt.ask(question, console=console, default=default, show_default=bool(default)).strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
