"""Tokens of OpenAI's usage report by kind: its counters overlap, cost lines do not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from finops.collect.vendors.pages import number


def tokens_by_kind(result: Any, where: str) -> dict[str, Decimal]:
    """Kind of token (``finops.meters``) -> number; a kind that cannot be separated is left out.

    ``input_tokens`` holds text, audio and images, cached and written to a cache; ``input_cached_tokens`` all three;
    ``output_tokens`` text, audio and images. ``input_audio_tokens`` and ``input_image_tokens`` are not cached.
    Source: OpenAI's OpenAPI document, ``UsageCompletionsResult``.
    """

    def of(name: str) -> Decimal:
        return number(result, name, where) if result.get(name) is not None else Decimal(0)

    def own_or(name: str, rest: Decimal) -> Decimal:
        return of(name) if result.get(name) is not None else rest

    audio, image = of("input_audio_tokens"), of("input_image_tokens")
    cached, cached_audio, cached_image = (
        of("input_cached_tokens"),
        of("input_cached_audio_tokens"),
        of("input_cached_image_tokens"),
    )
    said_audio, said_image = of("output_audio_tokens"), of("output_image_tokens")
    written = of("input_cache_write_tokens")
    fresh = own_or("input_uncached_tokens", of("input_tokens") - cached - written)
    tokens = {
        "input": own_or("input_text_tokens", fresh - audio - image),
        "output": own_or("output_text_tokens", of("output_tokens") - said_audio - said_image),
        "cache_read": own_or("input_cached_text_tokens", cached - cached_audio - cached_image),
        "cache_write": written,
        "audio_input": audio,
        "audio_output": said_audio,
        "audio_cache_read": cached_audio,
        "image_input": image,
        "image_output": said_image,
        "image_cache_read": cached_image,
    }
    # negative: the counters do not overlap as documented, so the split is unknown
    return {kind: number_of for kind, number_of in tokens.items() if number_of >= 0}
