"""The vocabulary of AI meters.

A meter is a text such as ``USE1-Claude4.6Opus-cache-write-1h-input-token-count``, ``gpt 4o 1120 cchd Inp glbl Tokens``
or ``priority | gpt-5.4, cached input, long context``. Vendors spell the same few ideas in many ways; a word that is
not listed here belongs to a model's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Idea = Literal[
    "direction",
    "cache",
    "modality",
    "tier",
    "scope",
    "ttl",
    "context",
    "tokens",
    "training",
    "capacity",
    "hosting",
    "reasoning",
    "aside",
]
"""``capacity``: throughput bought in advance (provisioned, reserved tokens per minute). ``hosting``: storage of
something (a fine-tuned model, a cache). ``aside``: irrelevant to the interpretation."""

_SPELLINGS: Mapping[Idea, Mapping[str, str]] = {
    "direction": {
        "input": "input inputs inp inpt in prompt",
        "output": "output outputs outp outpt out opt completion completions",
    },
    "cache": {
        "read": "cache cached cch cchd ccchd cach cd ch cache_read cache_reads cached_read cache_hit cache_hits",
        "write": "cache_write cache_writes cached_write cached_writes cache_wr cchd_wr cchd_write cd_wr cache_creation",
    },
    "modality": {
        "text": "text txt",
        "audio": "audio aud speech voice",
        "image": "image images img imgs",
        "video": "video videos vid",
    },
    "tier": {
        "batch": "batch btch",
        "priority": "priority prty pp",
        "flex": "flex flex_discount",
        "standard": "standard std on_demand on_demand_inference",
        "latency-optimized": "latency_optimized latency_optimised",
    },
    "scope": {
        "global": "global glbl gbl gl cross_region_global",
        "data zone": "dzone dz datazone dzn data_zone",
        "regional": "regional regnl rgnl regn rgn",
        "geo": "geo cross_region_geo cross_region",
    },
    "ttl": {"5m": "5m 5min", "30m": "30m 30min", "1h": "1h 1hr 60m", "12h": "12h", "24h": "24h"},
    "context": {
        "long": "long lctx longctx long_context long_ctx long_cntxt long_co",
        "short": "sctx shortctx short_context short_ctx short_cntxt short_co",
    },
    "tokens": {"": "token tokens tkn tkns token_count"},
    "training": {"": "training trng customization_training ft_training fine_tuning_training"},
    "capacity": {
        "": "provisioned ptu reserved tpm provisioned_throughput provisioned_managed tokens_per_minute token_per_minute"
        " model_units model_unit scale_tier"
    },
    "hosting": {"": "hosting hstng storage"},
    "reasoning": {"": "reasoning"},
    "aside": {
        "": "mantle ft finetuned fine_tuned fine_tuning dev_ft custom_model customized customization"
        " no_commit commit 1_month 3_month 6_month 1month 3month 6month managed per_minute"
        " count counts unit units million thousand 1m 1k k m mp"
    },
}
"""idea -> meaning -> spellings; ``_`` separates the words of a phrase."""

_MEANINGS: Mapping[tuple[str, ...], tuple[Idea, str]] = {
    tuple(spelling.split("_")): (idea, meaning)
    for idea, meanings in _SPELLINGS.items()
    for meaning, spellings in meanings.items()
    for spelling in spellings.split()
}
_LONGEST = max(map(len, _MEANINGS))

_PIECE = re.compile(r"[^\s\-_,|/:()]+")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|\d+(?:[hm](?![a-z]))?|[A-Z]+")


@dataclass(frozen=True, slots=True)
class Word:
    """``text[start:end]`` of a meter; ``idea`` None: part of a name."""

    start: int
    end: int
    idea: Idea | None = None
    meaning: str = ""


def words_of(text: str) -> list[Word]:
    """``text`` split at separators, and inside words like ``CacheWrite1hInputTokenCount`` if every part is known."""
    pieces = [part for piece in _PIECE.finditer(text) for part in _parts(piece)]
    lower = [text[start:end].lower() for start, end in pieces]
    words, at = [], 0
    while at < len(pieces):
        length, meaning = _longest(lower, at)
        start, end = pieces[at][0], pieces[at + length - 1][1]
        words.append(Word(start, end, *meaning) if meaning else Word(start, end))
        at += length
    return words


def _parts(piece: re.Match[str]) -> Iterator[tuple[int, int]]:
    start, text = piece.start(), piece[0]
    parts = list(_CAMEL.finditer(text))
    lower = [part[0].lower() for part in parts]
    if len(parts) > 1 and "".join(lower) == text.lower() and _all_known(lower):
        yield from ((start + part.start(), start + part.end()) for part in parts)
    else:
        yield piece.span()


def _all_known(lower: Sequence[str]) -> bool:
    at = 0
    while at < len(lower):
        length, meaning = _longest(lower, at)
        if meaning is None:
            return False
        at += length
    return True


def _longest(lower: Sequence[str], at: int) -> tuple[int, tuple[Idea, str] | None]:
    for length in range(min(_LONGEST, len(lower) - at), 0, -1):
        meaning = _MEANINGS.get(tuple(lower[at : at + length]))
        if meaning is not None:
            return length, meaning
    return 1, None
