"""Usage types of Amazon Bedrock -> model and kind of token.

- ``USE1-Claude4.6Sonnet-cache-read-input-token-count-cross-region-global``: region, model, kind, tier and routing.
  Source: https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html
- ``USE1-MP:USE1_InputTokenCount_Global-Units``, ``…_input_tokens_global_standard-Units``: models that are sold through
  the Marketplace; the model is in the service's name, "Claude Sonnet 4.5 (Amazon Bedrock Edition)", and one unit is a
  million tokens. Source: AWS Price List API, services "… (Amazon Bedrock Edition)".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from finops.focus.ai.meter import Meter, TokenKind

_REGION = r"(?:[A-Z]{2,5}\d{0,2}-)?"
_OWN = re.compile(
    rf"{_REGION}(?P<model>.+?)(?:-mantle)?"
    r"-(?P<kind>cache-read-input-token-count|cache-write-input-token-count|input-tokens?|output-tokens?)(?:-count)?(?:-.*)?"
)
_MARKETPLACE = re.compile(
    rf"{_REGION}(?:MP:)?[A-Z0-9]+_"
    r"(?P<kind>(?:cache_?(?:read|write)_?)?(?:input|output)_?token(?:s|_?count)?)(?:_[a-z0-9_]+)?(?:-Units)?",
    re.IGNORECASE,
)
_MILLION = 1_000_000
_EDITION = re.compile(r"\s*\(Amazon Bedrock Edition\)\s*$")
_KINDS: Mapping[tuple[bool, bool, bool], TokenKind] = {
    (True, False, False): "cache_read",
    (False, True, False): "cache_write",
    (False, False, True): "output",
    (False, False, False): "input",
}


@lru_cache(maxsize=4096)
def read_usage_type(text: str) -> Meter | None:
    """None for what is no usage of tokens."""
    found = _OWN.fullmatch(text)
    if found:
        return Meter(_kind(found["kind"]), found["model"])
    found = _MARKETPLACE.fullmatch(text)
    return Meter(_kind(found["kind"]), None, _MILLION) if found else None


def model_of_service(name: str) -> str | None:
    """The model in the name of a Marketplace service; None for any other service."""
    return _EDITION.sub("", name) if _EDITION.search(name) else None


def _kind(word: str) -> TokenKind:
    word = word.lower()
    return _KINDS["cache" in word and "read" in word, "cache" in word and "write" in word, word.startswith("output")]
