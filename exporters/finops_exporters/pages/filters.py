"""What a reader wants to see, as it stands in the address: a link shows what its sender saw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from finops_exporters import words
from finops_exporters.pages.snapshot_index import TONES, Verdict

PER_PAGE = 50
_Item = TypeVar("_Item")
_LONGEST = 200
_KEYS = ("owner", "kind", "source", "state", "text")


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list to choose from."""

    value: str
    shown: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """An empty text filters nothing. ``state``: a tone, or ``firing``: any severity. ``page`` counts from 1."""

    owner: str = ""
    kind: str = ""
    source: str = ""
    state: str = ""
    text: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """What an address says; what it says wrongly is left out."""
        given = {key: query.get(key, "")[:_LONGEST] for key in _KEYS}
        page = query.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
        return cls(**given, page=max(1, number))

    @property
    def are_set(self) -> bool:
        return any(getattr(self, key) for key in _KEYS)

    @property
    def in_words(self) -> str:
        """``owner team-checkout, state critical``."""
        set_ = [(key, getattr(self, key)) for key in _KEYS if getattr(self, key)]
        return ", ".join(f"{key} {words.shown(value)}" for key, value in set_)

    def address(self, path: str, **changes: str | int) -> str:
        """The same page with other filters."""
        values = {**{key: getattr(self, key) for key in _KEYS}, "page": self.page, **changes}
        told = {key: value for key, value in values.items() if value and (key, value) != ("page", 1)}
        return f"{path}?{urlencode(told)}" if told else path

    def pass_(self, verdicts: Iterable[Verdict]) -> list[Verdict]:
        wanted = self.text.casefold()
        return [
            verdict
            for verdict in verdicts
            if (not self.owner or verdict.finding.owner == self.owner)
            and (not self.kind or verdict.finding.kind == self.kind)
            and (not self.source or self.source in verdict.sources)
            and (not self.state or self._holds(verdict))
            and (not wanted or wanted in f"{verdict.finding.policy} {verdict.finding.group_label}".casefold())
        ]

    def choices(self, verdicts: Sequence[Verdict]) -> Mapping[str, Sequence[Choice]]:
        """Of every list: what is there to choose, over all verdicts."""
        owners = {verdict.finding.owner for verdict in verdicts}
        kinds = {verdict.finding.kind: verdict.profile.title for verdict in verdicts}
        sources = {source for verdict in verdicts for source in verdict.sources}
        states = {"firing": "Firing", **{tone: words.TONES[tone] for tone in TONES}}
        return {
            "owner": choices_of({owner: words.shown(owner) or "nobody" for owner in owners if owner}, self.owner),
            "kind": choices_of(kinds, self.kind),
            "source": choices_of({source: words.shown(source) for source in sources}, self.source),
            "state": [Choice(value, shown, value == self.state) for value, shown in states.items()],
        }

    def _holds(self, verdict: Verdict) -> bool:
        if self.state == "firing":
            return verdict.tone in {"critical", "warning", "info"}
        return verdict.tone == self.state


@dataclass(frozen=True, slots=True)
class Pages:
    """One page of a long list. ``first`` and ``last`` count from 1."""

    first: int
    last: int
    total: int
    previous: str | None
    following: str | None


def part_of(total: int, number: int, per_page: int, address: Callable[[int], str]) -> tuple[Pages | None, int]:
    """The way to the other pages, None where one holds all; and how many stand before page ``number``, or before the
    last. ``address``: of a page by its number."""
    last = max(1, -(-total // per_page))
    number = min(number, last)
    offset = (number - 1) * per_page
    if last == 1:
        return None, 0
    return (
        Pages(
            offset + 1,
            min(offset + per_page, total),
            total,
            address(number - 1) if number > 1 else None,
            address(number + 1) if number < last else None,
        ),
        offset,
    )


def paged(items: Sequence[_Item], filters: Filters, path: str) -> tuple[Sequence[_Item], Pages | None]:
    """The items of one page, and the way to the others; None where one page holds all."""
    pages, start = part_of(len(items), filters.page, PER_PAGE, lambda number: filters.address(path, page=number))
    return items[start : start + PER_PAGE], pages


def choices_of(shown: Mapping[str, str], chosen: str) -> list[Choice]:
    found = [Choice(value, text, value == chosen) for value, text in sorted(shown.items(), key=lambda one: one[1])]
    if chosen and chosen not in shown:  # a link from before it vanished: say so instead of showing all
        found.insert(0, Choice(chosen, f"{words.shown(chosen)} (nothing now)", chosen=True))
    return found
