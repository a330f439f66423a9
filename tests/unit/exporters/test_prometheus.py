"""Both formats, parsed by the client's own parsers and checked by promtool."""

from __future__ import annotations

import gzip
import os
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import exposition as text_format
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics_format
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.registry import Collector

from finops.model.family import Family, FamilyType
from finops.ports.exporter import Exposition
from finops.publish.operational_families import operational_families
from finops_exporters.prometheus import PrometheusExporter
from tests.support.hostile_names import HOSTILE_NAMES
from tests.support.snapshots import cost_line, evaluation, findings, operations, snapshot

GOLDEN = Path(__file__).parents[2] / "golden" / "prometheus"
Values = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def page() -> Exposition:
    made = snapshot()
    return PrometheusExporter().render(made.families).exposition(operational_families(operations(), made))


def expected(families: tuple[Family, ...]) -> Values:
    return {
        (family.name, tuple(sorted(zip(family.labels, sample.values, strict=True)))): sample.value
        for family in families
        for sample in family.samples
    }


def read(metrics: object) -> Values:
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for m in metrics for s in m.samples}  # type: ignore[attr-defined]


def test_both_formats_say_the_same_as_the_families() -> None:
    made = snapshot()
    families = (*made.families, *operational_families(operations(), made))
    exposition = page()
    assert read(parse_text(exposition.text.plain.decode())) == expected(families)
    assert read(parse_openmetrics(exposition.openmetrics.plain.decode())) == expected(families)


@pytest.mark.parametrize("name", ["text", "openmetrics"])
def test_golden(name: str) -> None:
    golden = GOLDEN / f"{name}.txt"
    found = getattr(page(), name).plain.decode()
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


def test_promtool_finds_nothing_to_say(promtool: str) -> None:
    result = subprocess.run([promtool, "check", "metrics"], input=page().text.plain, capture_output=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_openmetrics_ends_once_and_the_text_format_never() -> None:
    exposition = page()
    assert exposition.openmetrics.plain.count(b"# EOF") == 1
    assert exposition.openmetrics.plain.endswith(b"# EOF\n")
    assert b"# EOF" not in exposition.text.plain
    assert exposition.openmetrics.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert exposition.text.content_type.startswith("text/plain; version=0.0.4")


def test_the_compressed_page_is_one_stream_with_the_same_bytes() -> None:
    exposition = page()
    for body in (exposition.text, exposition.openmetrics):
        stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
        assert stream.decompress(body.gzip) == body.plain
        assert stream.eof
        assert stream.unused_data == b""


def test_one_rendering_can_be_continued_many_times() -> None:
    rendered = PrometheusExporter().render(snapshot().families)
    for leader in (0.0, 1.0):
        family = Family("finops_leader", FamilyType.GAUGE, "Leads.").filled([((), leader)])
        body = rendered.exposition([family]).openmetrics
        assert gzip.decompress(body.gzip) == body.plain
        assert body.plain.endswith(f"finops_leader {leader}\n# EOF\n".encode())


def test_a_counter_is_named_as_each_format_wants() -> None:
    family = Family("finops_x_total", FamilyType.COUNTER, "Counts.", ("a",)).filled([(("b",), 3.0)])
    exposition = PrometheusExporter().render([family]).exposition([])
    assert b"# TYPE finops_x_total counter\nfinops_x_total{" in exposition.text.plain
    assert b"# TYPE finops_x counter\nfinops_x_total{" in exposition.openmetrics.plain


def test_families_without_series_are_left_out() -> None:
    empty = Family("finops_x", FamilyType.GAUGE, "Nothing.")
    exposition = PrometheusExporter().render([empty]).exposition([])
    assert (exposition.text.plain, exposition.openmetrics.plain) == (b"", b"# EOF\n")


def test_infinity_is_written_as_prometheus_wants() -> None:
    family = Family("finops_x", FamilyType.GAUGE, "Much.").filled([((), float("inf"))])
    assert PrometheusExporter().render([family]).exposition([]).text.plain.endswith(b"finops_x +Inf\n")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_in_a_label_comes_back(first: str, second: str) -> None:
    family = Family("finops_x", FamilyType.GAUGE, "Hostile.", ("a", "b")).filled([((first, second), 1.0)])
    exposition = PrometheusExporter().render([family]).exposition([])
    assert read(parse_text(exposition.text.plain.decode())) == expected((family,))
    assert read(parse_openmetrics(exposition.openmetrics.plain.decode())) == expected((family,))


@pytest.mark.parametrize(
    "value",
    ['"} finops_cost 1\n# TYPE x', "\\", "\\n", "\n", 'a\\"b', "\u202ereversed", "x" * 10_000, "\x00\x1f\x85\u2028"],
    ids=["injection", "backslash", "escaped newline", "newline", "quotes", "right to left", "10 kB", "controls"],
)
def test_hostile_labels_come_back(value: str) -> None:
    family = Family("finops_x", FamilyType.GAUGE, "Hostile.", ("a",)).filled([((value,), 1.0)])
    exposition = PrometheusExporter().render([family]).exposition([])
    assert read(parse_text(exposition.text.plain.decode())) == expected((family,))
    assert read(parse_openmetrics(exposition.openmetrics.plain.decode())) == expected((family,))


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_hostile_names_stay_in_their_label(name: str) -> None:
    """As a policy's group, and as what a bill calls an account: nothing of them becomes a series of its own."""
    finding = replace(findings()[0], group={"team": name}, owner=name)
    made = snapshot(evaluation((finding,), costs=(cost_line(name, name, "7"),)))
    exposition = PrometheusExporter().render(made.families).exposition([])
    assert read(parse_text(exposition.text.plain.decode())) == expected(made.families)
    assert read(parse_openmetrics(exposition.openmetrics.plain.decode())) == expected(made.families)


def test_what_no_utf8_can_say_does_not_break_the_page() -> None:
    family = Family("finops_x", FamilyType.GAUGE, "Half.", ("a",)).filled([(("\ud800half",), 1.0)])
    assert b'finops_x{a="?half"} 1.0\n' in PrometheusExporter().render([family]).exposition([]).text.plain


_numbers = st.floats(allow_nan=True, allow_infinity=True)
_label = st.text(max_size=8).filter(lambda value: value.isprintable() or "\n" in value)


@given(
    st.sampled_from(FamilyType),
    st.text(alphabet='ab "\\\n', max_size=8),
    st.lists(st.tuples(_label, _label, _numbers), min_size=1, max_size=5),
)
def test_the_bytes_are_those_of_prometheus_client(
    kind: FamilyType, about: str, series: list[tuple[str, str, float]]
) -> None:
    counter = kind is FamilyType.COUNTER
    name = "finops_x_total" if counter else "finops_x"
    columns = [pl.Series(texts, dtype=pl.String) for texts in zip(*(labels for *labels, _ in series), strict=True)]
    values = pl.Series([value for *_, value in series], dtype=pl.Float64)
    family = Family(name, kind, about, ("team", "account")).with_columns(columns, values)
    metric = Metric("finops_x", about, kind.value)
    for sample in family.samples:
        metric.add_sample(name, dict(zip(family.labels, sample.values, strict=True)), sample.value)

    class One(Collector):
        def collect(self) -> list[Metric]:
            return [metric]

    exposition = PrometheusExporter().render([family]).exposition([])
    assert exposition.text.plain == text_format.generate_latest(One())
    assert exposition.openmetrics.plain == openmetrics_format.generate_latest(One(), version="1.0.0")
