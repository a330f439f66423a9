"""What a Spark engine needs is asked for before anything of it starts."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from finops.cluster import options
from finops.errors import BadArguments, Unreachable
from tests.servers.ports import free_port


def test_a_missing_extra_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "find_spec", lambda name: None if name == "pyspark" else ModuleSpec(name, None))
    with pytest.raises(BadArguments, match=r"pyspark is not installed.*pip install 'finops-verdict\[spark\]'"):
        options.spark_engine("spark://host:7077", {})


def test_a_missing_java_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(BadArguments, match="Install Java 17 or newer"):
        options.spark_engine("spark://host:7077", {})


def test_a_dead_master_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    engine = options.spark_engine(f"spark://127.0.0.1:{free_port()}", {})
    with pytest.raises(Unreachable, match="the Spark master does not respond"):
        _ = engine.width


def test_pyspark_is_imported_by_nothing_that_does_not_need_it() -> None:
    code = "import sys, finops.cli.app, finops.service.service; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
