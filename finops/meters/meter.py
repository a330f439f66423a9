"""Parses a vendor's meter into model, kind of token and tier.

One grammar for all vendors: ``[region] [tier |] MODEL [qualifiers] direction [qualifiers]``. Sources:

- Amazon Bedrock, ``USE1-Claude4.6Sonnet-cache-read-input-token-count-cross-region-global``:
  https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html
- Bedrock through the Marketplace, ``USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units``: AWS Price List, services
  "… (Amazon Bedrock Edition)", which name the model; one unit is a million tokens.
- Azure OpenAI and Foundry models, ``gpt 4o 1120 cached Inp glbl Tokens``: Azure Retail Prices API
  (https://learn.microsoft.com/en-us/rest/api/cost-management/retail-prices/azure-retail-prices).
- OpenAI's ``line_item``, ``priority | gpt-5.4, cached input, long context``: as reported by its users (undocumented).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from finops.meters.words import Idea, Word, words_of

TEXT_KINDS = ("input", "output", "cache_read", "cache_write")
"""Kinds of **text** tokens: uncached input, output, input read from a cache, input written to a cache.

Other kinds are ``audio_input``, ``image_output``, ``video_input``, ``audio_cache_read`` … (another modality),
``training`` and ``provisioned`` (capacity, used or not). Their prices differ by a multiple, so they are never counted
as text tokens.
"""

_REGION = re.compile(r"(?:(?:US|EU|AP|CA|SA|ME|AF|IL|MX|UG|CN|NZ|TH|TW)[A-Z]{0,2}\d{0,2}-)?(?:MP:[A-Z0-9]+_)?")
_MILLION = 1_000_000
_ENDS_MODEL = frozenset[Idea]({"direction", "cache", "tokens", "training", "capacity", "hosting"})
_MAY_LEAD = frozenset[Idea]({"tier", "scope", "capacity"})
_EMBEDDING = re.compile(r"embed", re.IGNORECASE)
_OF_IMAGES = re.compile(r"image|img|dall-?e|canvas|imagen", re.IGNORECASE)
_OF_VIDEO = re.compile(r"video|sora|reel|\bveo", re.IGNORECASE)
_SPEAKS = re.compile(r"\btts\b", re.IGNORECASE)
_MARKED = re.compile(
    r"(?:^|[ _-])(?P<marker>aud|txt|img)(?=\d|[ _-]|$)|(?<=\d)(?P<inner>aud|txt|img)(?=\d)", re.IGNORECASE
)
_MARKERS = {"aud": "audio", "txt": "text", "img": "image"}


@dataclass(frozen=True, slots=True)
class Meter:
    """``model`` in the vendor's spelling, blanks as hyphens; None if the meter does not name it.

    ``kind``: see ``TEXT_KINDS``. ``tier``: batch, priority, flex, standard, latency-optimized, provisioned; None if the
    meter does not state it. ``ttl``: lifetime of a cache write (``1h``). ``scope``: where the request may run (global,
    geo, data zone, regional). ``tokens_of_one``: tokens per unit of the row's quantity, used if its unit does not say.
    """

    kind: str
    model: str | None = None
    tier: str | None = None
    ttl: str | None = None
    long_context: bool = False
    scope: str | None = None
    modality: str = "text"
    tokens_of_one: int | None = None


@lru_cache(maxsize=8192)
def read_meter(text: str, *, of_tokens: bool = False) -> Meter | None:
    """The interpretation of ``text``, None if it is not the meter of a model.

    ``of_tokens``: the row is known to be about a model from elsewhere (its unit, its SKU, its source), so that
    ``Input`` suffices, without the word token or a model.
    """
    text = text.strip()
    prefix = _REGION.match(text)
    start = prefix.end() if prefix else 0
    marketplace = "MP:" in text[:start]
    words = words_of(text[start:])
    first, last = _model_span(words, aws=start > 0)
    model = text[start:][words[first].start : words[last - 1].end] if last > first else None
    if model is not None and start == 0:
        # AWS has one spelling; others spell one model with blanks or hyphens, in upper or lower case
        model = "-".join(model.split()).lower()
    said = _said([*words[:first], *words[last:]])
    kind, modality = _kind(said, model or "")
    if kind is None or not (of_tokens or _is_of_a_model(said, model, kind, marketplace=marketplace)):
        return None
    return Meter(
        kind=kind,
        model=model,
        tier="provisioned" if kind == "provisioned" else said.get("tier"),
        ttl=said.get("ttl"),
        long_context=said.get("context") == "long",
        scope=said.get("scope"),
        modality=modality,
        tokens_of_one=_MILLION if marketplace else None,
    )


def _model_span(words: Sequence[Word], *, aws: bool) -> tuple[int, int]:
    """The words that are the model's name: first, end (exclusive)."""
    first = 0
    while first < len(words) and words[first].idea in _MAY_LEAD:
        first += 1
    last = first
    while last < len(words) and words[last].idea not in _ENDS_MODEL:
        last += 1
    while last > first and words[last - 1].idea is not None and not _ends_name(words[last - 1], aws=aws):
        last -= 1
    return first, last


def _ends_name(word: Word, *, aws: bool) -> bool:
    """AWS sells ``TitanEmbeddingsG1-Text`` and counts ``R1-reasoning-output``; Azure sells ``Phi 4 reasoning`` and
    counts ``gpt-image-1 text input``."""
    return word.meaning == "text" if aws else word.idea == "reasoning"


def _said(words: Sequence[Word]) -> dict[str, str]:
    """idea -> meaning; later words win, except that a cache write stays one."""
    said: dict[str, str] = {}
    for word in words:
        if word.idea is not None and not (word.idea == "cache" and said.get("cache") == "write"):
            said[word.idea] = word.meaning
    return said


def _kind(said: dict[str, str], model: str) -> tuple[str | None, str]:
    """Kind and modality; kind None if the words state neither."""
    if "capacity" in said:
        return "provisioned", "text"
    if "training" in said:
        return "training", said.get("modality", "text")
    if "hosting" in said:
        return None, "text"
    base = f"cache_{said['cache']}" if "cache" in said else said.get("direction")
    if base is None and _EMBEDDING.search(model):
        base = "input"  # embeddings only have input, and their meters omit it
    if base is None:
        return None, "text"
    modality = said.get("modality") or _modality_of(model, base)
    return (base if modality == "text" else f"{modality}_{base}"), modality


def _modality_of(model: str, base: str) -> str:
    """The modality implied by a model's name: a marker (``gpt-4o-aud-1217``), or a model that generates media."""
    markers = [(found["marker"] or found["inner"]).lower() for found in _MARKED.finditer(model)]
    if markers:
        return _MARKERS[markers[-1]]
    if base == "output" and _OF_IMAGES.search(model):
        return "image"
    if base == "output" and _OF_VIDEO.search(model):
        return "video"
    return "audio" if base == "output" and _SPEAKS.search(model) else "text"


def _is_of_a_model(said: dict[str, str], model: str | None, kind: str, *, marketplace: bool) -> bool:
    if model is None:
        return marketplace or kind == "provisioned"
    return "tokens" in said or kind in {"training", "provisioned"} or "modality" in said
