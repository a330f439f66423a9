"""Both exporters are made the way every extension is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from finops_exporters.pages import PagesExporter
from finops_exporters.prometheus import PrometheusExporter


@pytest.mark.parametrize("exporter", [PrometheusExporter, PagesExporter], ids=lambda exporter: exporter.kind)
def test_it_takes_its_options_and_refuses_unknown_ones(
    exporter: type[PrometheusExporter] | type[PagesExporter], tmp_path: Path
) -> None:
    made = exporter.from_options("name", exporter.Options(), base=tmp_path)
    assert type(made) is exporter
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        exporter.Options.model_validate({"unknown": 1})
