"""Whether there can be a Spark engine here, before anything of it is imported."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from finops.errors import BadArguments
from finops.ports.engine import Engine


def spark_engine(master: str, options: Mapping[str, str]) -> Engine:
    """An engine that starts its session with the first task. Raises what ``check_spark`` raises."""
    check_spark()
    from finops.cluster.spark import SparkTasks  # noqa: PLC0415 - pyspark takes a second, and is not always there

    return SparkTasks(master, options)


def check_spark() -> None:
    """Raises ``BadArguments`` where what the engine needs is missing."""
    missing = [name for name in ("pyspark", "narwhals") if find_spec(name) is None]
    if missing:
        raise BadArguments(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed",
            where="engine: {kind: spark}",
            remedy="Install the extra: pip install 'finops-verdict[spark]'",
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which(str(Path(home, "bin", "java")) if home else "java") is None:
        raise BadArguments(
            f"no Java was found{f' in JAVA_HOME ({home})' if home else ''}",
            where="engine: {kind: spark}",
            remedy="Install Java 17 or newer, and let JAVA_HOME name it",
        )
