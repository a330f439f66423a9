"""One rendering and one compression a snapshot; the small part that changes in between is appended."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from finops.model.family import Family
from finops.ports.exporter import Body, Exposition
from finops_exporters.prometheus.exposition import EOF, OPENMETRICS, TEXT, Written, openmetrics_text, text, written

_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 6
"""At 100,000 series 0.04 s for 0.60 MB; level 1 gives 0.84 MB in 0.02 s, level 9 gives 0.58 MB in 0.13 s."""


class NoOptions(BaseModel):
    """The exporter needs none."""

    model_config = ConfigDict(extra="forbid")


class PrometheusExporter:
    """Families -> ``/metrics``."""

    kind: ClassVar[str] = "prometheus"
    Options: ClassVar[type[BaseModel]] = NoOptions

    @classmethod
    def from_options(cls, name: str, options: BaseModel, *, base: Path) -> PrometheusExporter:  # noqa: ARG003
        """Needs neither; the signature is that of every extension."""
        return cls()

    def render(self, families: Sequence[Family]) -> RenderedPage:
        """The slow part: a fifth of a second for 100,000 series. Families never split over this part and the next."""
        lines = written(families)
        return RenderedPage(
            _Opened.of(TEXT, text, lines, b""),
            _Opened.of(OPENMETRICS, openmetrics_text, lines, EOF),
        )


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """Both formats of the families of one snapshot, ready to be continued."""

    _text: _Opened
    _openmetrics: _Opened

    def exposition(self, operational: Sequence[Family]) -> Exposition:
        lines = written(operational)
        return Exposition(self._text.closed_with(lines), self._openmetrics.closed_with(lines))


class _Compressor(Protocol):
    def copy(self) -> _Compressor: ...
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Opened:
    """A page that is not closed yet.

    ``compressor`` stands behind ``plain``; each continuation takes a copy of it, so that every page is one gzip stream
    (clients exist that stop reading behind the first of several).
    """

    content_type: str
    write: Callable[[Sequence[Written]], bytes]
    closing: bytes
    plain: bytes
    compressed: bytes
    compressor: _Compressor

    @classmethod
    def of(
        cls, content_type: str, write: Callable[[Sequence[Written]], bytes], families: Sequence[Written], closing: bytes
    ) -> _Opened:
        plain = write(families)
        compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        return cls(content_type, write, closing, plain, compressor.compress(plain), compressor)

    def closed_with(self, families: Sequence[Written]) -> Body:
        rest = self.write(families) + self.closing
        compressor = self.compressor.copy()
        return Body(
            content_type=self.content_type,
            plain=self.plain + rest,
            gzip=self.compressed + compressor.compress(rest) + compressor.flush(),
        )
