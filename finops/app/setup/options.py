"""What the options of ``finops init`` say, and which are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from finops.app.setup.answers import Answers, MailAnswer, SourceAnswer
from finops.app.setup.source_text import parse_source
from finops.errors import BadArguments
from finops.model.currency import currency_codes, currency_hint

_MOST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Given:
    """None (or nothing, or the empty text): not said."""

    sources: tuple[SourceAnswer, ...]
    currency: str | None
    budget: Decimal | None
    team_tag: str | None
    mail: MailAnswer | None
    rates: str

    def complete(self) -> Answers:
        """The answers, where nobody can be asked. Raises ``BadArguments`` that names every missing option."""
        needed = {"--source": self.sources, "--currency": self.currency, "--budget": self.budget}
        missing = [option for option, value in needed.items() if not value]
        if missing or self.currency is None or self.budget is None:
            raise BadArguments(
                f"{', '.join(missing)} missing, and standard input is not a terminal",
                where="finops init",
                remedy="Pass options, for example --source focus-files:path=./bills --currency EUR --budget 10000",
            )
        return Answers(self.sources, self.currency, self.budget, self.team_tag or "team", self.mail, self.rates)


def read_given(
    *,
    sources: Sequence[str],
    currency: str | None,
    budget: str | None,
    team_tag: str | None,
    mail: str | None,
    smtp: str | None,
    smtp_user: str | None,
    rates: str | None,
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
        team_tag or None,
        MailAnswer(mail, smtp, smtp_user or "") if mail and smtp else None,
        rates or "",
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
