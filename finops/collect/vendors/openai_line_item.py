"""OpenAI's ``line_item``: one text for the model, the kind of token and the tier.

``gpt-4o-mini-2024-07-18, cached input``; ``priority | gpt-5.4, output, long context``; ``gpt-audio-mini audio, input``;
``web search tool calls``. The text is documented as free; these forms are those that organisations see. What has
another form keeps its text as SKU, and is no token line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from finops.collect.vendors.line import TokenKind

_FORM = re.compile(
    r"(?:(?P<tier>[a-z]+) \| )?(?P<model>[^,| ]+)(?: (?P<modality>[a-z]+))?, "
    r"(?P<kind>input|output|cached input|cache writes?)(?:, (?P<context>long context))?",
    re.IGNORECASE,
)
_KINDS: Mapping[str, TokenKind] = {
    "input": "input",
    "output": "output",
    "cached input": "cache_read",
    "cache write": "cache_write",
    "cache writes": "cache_write",
}


@dataclass(frozen=True, slots=True)
class LineItem:
    """``details``: what the price depends on besides model and kind, as FOCUS names own keys (``x_ServiceTier``)."""

    sku: str
    model: str | None = None
    token_kind: TokenKind | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def read_line_item(said: str) -> LineItem:
    """``said`` taken apart; what has another form is its own SKU."""
    found = _FORM.fullmatch(said.strip())
    if found is None:
        return LineItem(said)
    details = {
        name: found[group]
        for name, group in (("x_ServiceTier", "tier"), ("x_Modality", "modality"), ("x_ContextWindow", "context"))
        if found[group]
    }
    kind = found["kind"].lower()
    return LineItem(f"{found['model']}, {kind}", found["model"], _KINDS[kind], details)
