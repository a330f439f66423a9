"""Meter names of Azure OpenAI and Foundry models -> model and kind of token.

``gpt-4o-mini-0718-Inp-glbl Tokens``, ``gpt 4o 0513 Output global Tokens``, ``gpt 4o 1120 cached Inp glbl Tokens``,
``gpt-4-8K-Batch-Inp-glbl Tokens``, ``text-embedding-3-large-glbl Tokens``. Source: the Azure Retail Prices API
(https://learn.microsoft.com/en-us/rest/api/cost-management/retail-prices/azure-retail-prices), productName
"Azure OpenAI" and serviceName "Foundry Models". Names follow habits, not a grammar: what does not fit is no token row.
"""

from __future__ import annotations

import re
from functools import lru_cache

from finops.focus.ai.meter import Meter, TokenKind

_TOKENS = re.compile(r"(?:[ -]\d*[KM])?[ -]tokens?$", re.IGNORECASE)
_PLACE = re.compile(r"[ -](?:glbl|global|gl|regional|regnl|rgnl|dzone|dz|data ?zone)\b.*$", re.IGNORECASE)
_DIRECTION = re.compile(
    r"^(?P<model>.+?)[ -](?P<direction>inp(?:ut|t)?|in|outp(?:ut|t)?|out|opt)(?:[ -].*)?$", re.IGNORECASE
)
_CACHED = re.compile(
    r"[ -](?P<write>(?:cached?|cchd?|cache)[ -]?(?:wr|write)s?)$|[ -](?:cached|cchd|cache)$", re.IGNORECASE
)
_TIER = re.compile(r"[ -](?:batch|prty|priority|pp|ft|hosting|flex)$", re.IGNORECASE)
_EMBEDDING = re.compile(r"embed", re.IGNORECASE)


@lru_cache(maxsize=4096)
def read_meter(name: str) -> Meter | None:
    """None for what is no meter of tokens."""
    bare, tokens = _TOKENS.subn("", name.strip())
    if not tokens:
        return None
    found = _DIRECTION.match(bare)
    if found is None:
        # embeddings have input alone, and their meters do not say so
        return Meter("input", _spelling(_PLACE.sub("", bare))) if _EMBEDDING.search(bare) else None
    model, kind = found["model"], _kind(found["direction"])
    model = _TIER.sub("", model)
    cached = _CACHED.search(model)
    if cached:
        kind = "cache_write" if cached["write"] else "cache_read"
        model = model[: cached.start()]
    return Meter(kind, _spelling(_TIER.sub("", model)))


def _kind(direction: str) -> TokenKind:
    return "input" if direction.lower().startswith("in") else "output"


def _spelling(model: str) -> str:
    return "-".join(model.split()).lower()
