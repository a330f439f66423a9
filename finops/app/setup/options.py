"""What the options of ``finops init`` say, and which are missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from finops.app.setup.answers import Answers, MailAnswer, SourceAnswer
from finops.app.setup.source_text import parse_source
from finops.errors import BadArguments, FinopsError
from finops.model.currency import currency_codes, currency_hint

if TYPE_CHECKING:
    from finops.app.survey import Survey

_MOST = Decimal(10) ** 15
_MOST_TAGS = 3
"""Of owner-like tags that a first dimension is made from."""


@dataclass(frozen=True, slots=True)
class Given:
    """None (or nothing, or the empty text): not said."""

    sources: tuple[SourceAnswer, ...]
    currency: str | None
    budget: Decimal | None
    team_tags: tuple[str, ...]
    mail: MailAnswer | None
    rates: str
    editor: bool = False
    survey: Survey | None = None
    unread: str = ""
    """Why the bills could not be read, and nothing is proposed from them."""

    def from_bills(self, base: Path, doing: Callable[[str], None]) -> Given:
        """With what the bills of ``focus-files`` say for every option that was not given."""
        own = [source.values["path"] for source in self.sources if source.kind == "focus-files"]
        if not own or self.survey is not None or self.unread:
            return self
        from finops.app.survey import survey  # noqa: PLC0415 - reads bills with Polars

        try:
            found = survey(own, base=base, doing=doing)
        except FinopsError as error:
            return replace(self, unread=str(error))
        currency = self.currency or found.currency
        return replace(
            self,
            survey=found,
            currency=currency,
            budget=self.budget or found.budget(currency),
            team_tags=self.team_tags or tuple(found.owner_tags)[:_MOST_TAGS],
        )

    def complete(self) -> Answers:
        """The answers, where nobody can be asked. Raises ``BadArguments`` that names every missing option."""
        needed = {"--source": self.sources, "--currency": self.currency, "--budget": self.budget}
        missing = [option for option, value in needed.items() if not value]
        if missing or self.currency is None or self.budget is None:
            unread = f" (the bills could not be read to propose them: {self.unread})" if self.unread else ""
            raise BadArguments(
                f"{', '.join(missing)} missing, and standard input is not a terminal{unread}",
                where="finops init",
                remedy="Pass options, for example --source focus-files:path=./bills --currency EUR --budget 10000",
            )
        return Answers(
            self.sources,
            self.currency,
            self.budget,
            self.team_tags or ("team",),
            self.mail,
            self.rates,
            self.survey,
            self.editor,
        )


def read_given(
    *,
    sources: Sequence[str],
    currency: str | None,
    budget: str | None,
    team_tag: Sequence[str],
    mail: str | None,
    smtp: str | None,
    smtp_user: str | None,
    rates: str | None,
    editor: bool = False,
) -> Given:
    """Options as they were typed -> what they say. Raises ``BadArguments``."""
    found = tuple(parse_source(text) for text in sources)
    names = [source.name for source in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        remedy = "Rename one of them: --source KIND:name=OTHER,…"
        raise BadArguments(f"two sources are named '{twice[0]}'", where="--source", remedy=remedy)
    if bool(mail) != bool(smtp):
        raise BadArguments(
            "mail requires an address and a server", where="--mail, --smtp", remedy="Pass both options, or neither"
        )
    if smtp_user and not smtp:
        raise BadArguments("a login requires a server", where="--smtp-user", remedy="Add --smtp HOST")
    return Given(
        found,
        parse_currency(currency) if currency else None,
        parse_budget(budget) if budget else None,
        tuple(team_tag),
        MailAnswer(mail, smtp, smtp_user or "") if mail and smtp else None,
        rates or "",
        editor,
    )


def parse_currency(text: str) -> str:
    """A code of ISO 4217, in capitals. Raises ``BadArguments``."""
    code = text.strip().upper()
    if code not in currency_codes():
        what = f"'{text}' is not an ISO 4217 currency code"
        raise BadArguments(what, where="--currency", remedy=currency_hint(code))
    return code


def parse_budget(text: str) -> Decimal:
    """A positive amount. Raises ``BadArguments``."""
    try:
        amount = Decimal(text.strip().replace("_", ""))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or not Decimal("0.01") <= amount <= _MOST:
        raise BadArguments(
            f"'{text}' is not a valid amount", where="--budget", remedy="Write it like 10000 or 10000.50"
        )
    return amount
