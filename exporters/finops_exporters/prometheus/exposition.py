"""Families -> exposition text, by prometheus_client's own writers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from prometheus_client import exposition
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from finops.model.family import Family, FamilyType

TEXT = exposition.CONTENT_TYPE_PLAIN_0_0_4
OPENMETRICS = openmetrics.CONTENT_TYPE_LATEST
EOF = b"# EOF\n"
"""Closes an OpenMetrics page, and stands nowhere else."""


def text(families: Sequence[Family]) -> bytes:
    """The Prometheus text format 0.0.4."""
    return _written(exposition.generate_latest, families)


def openmetrics_text(families: Sequence[Family]) -> bytes:
    """OpenMetrics 1.0, without its closing line: the caller may go on."""
    return _written(partial(openmetrics.generate_latest, version="1.0.0"), families).removesuffix(EOF)


class _Families(Collector):
    """Families without a series are left out."""

    def __init__(self, families: Sequence[Family], clean: Callable[[str], str]) -> None:
        self._families = families
        self._clean = clean

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            if family.samples:
                yield self._metric(family)

    def _metric(self, family: Family) -> Metric:
        counter = family.type is FamilyType.COUNTER
        # OpenMetrics names a counter without the suffix that its samples carry
        metric = Metric(family.name.removesuffix("_total") if counter else family.name, family.help, family.type.value)
        for values, value in family.samples:
            labels = dict(zip(family.labels, map(self._clean, values), strict=True))
            metric.add_sample(family.name, labels, value)
        return metric


def _written(write: Callable[[Collector], bytes], families: Sequence[Family]) -> bytes:
    try:
        return write(_Families(families, str))
    except UnicodeEncodeError:  # half a surrogate pair in a label value: no UTF-8 can say it
        return write(_Families(families, lambda value: value.encode(errors="replace").decode()))
