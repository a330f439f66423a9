"""A replica of a drill: ``finops run`` in a process of its own, by a clock that a file moves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from benchmarks.drill_servers import Servers
from finops.app.clock import SystemClock
from finops.cli.app import main as finops
from finops.model.period import month_start
from tests.servers.ports import free_port

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: s3://drill/lake
state: {{file: ./state-url}}
currency: EUR
evaluate_every: 20s
http: {{listen: "127.0.0.1:{port}"}}
sources: {{probes: {{kind: focus-files, path: "s3://drill/bills/*.csv", every: 15s}}}}
receivers:
  hook: {{kind: webhook, url: "{hook}"}}
  mail: {{kind: email, from: f@example.com, to: [g@example.com], smtp: {smtp}}}
{alertmanager}routes:
  - {{to: [{receivers}]}}
"""
POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata: {{name: probes, owner: drill}}
spec:
  scope: ServiceName LIKE 'probe-%'
  group_by: [ServiceName]
  period: {{from: {start}, to: {end}}}
  amount: 100 EUR
  alerts: [{{when: spent > 100%, severity: critical}}]
"""
MONTHS = 12
"""Bills are of this month and the ones before it, in turn: each changes one period of the lake."""

EVALUATED = re.compile(r"^finops_evaluation_timestamp_seconds (\S+)$", re.MULTILINE)


class Replica:
    """A process that is started again whenever a fault has ended it."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        port = free_port()
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._environment = {**os.environ, **servers.store.environment, "TMPDIR": str(folder / "tmp")}
        for part in ("policies", "tmp"):
            (folder / part).mkdir(parents=True)
        (folder / "state-url").write_text(servers.database.url, encoding="utf-8")
        (folder / "policies" / "probes.yaml").write_text(_policy(), encoding="utf-8")
        (folder / "finops.yaml").write_text(_config(port, servers), encoding="utf-8")
        if os.geteuid() == 0:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder / "tmp"], check=False)
        self.set_clock(0)
        self.led_at = self.evaluated_at = float("-inf")
        self.killed = False
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "benchmarks.drill_replica", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def keep(self) -> None:
        """Starts one that has ended by itself: with a database that is away, for instance, as an orchestrator does."""
        if self.process.poll() is not None and not self.killed:
            print(f"{self.folder.name} has ended with {self.process.returncode}", flush=True)
            self.start()

    def kill(self) -> None:
        self.killed = True
        self.process.kill()
        self.process.wait()

    def signal(self, number: int) -> None:
        """To the process that runs now: a stopped one may have been killed meanwhile."""
        self.process.send_signal(number)

    def watch(self, over: threading.Event) -> None:
        """Notes when its metrics last said that it leads, and when they last told of a new evaluation."""
        shown = ""
        while not over.wait(0.25):
            with suppress(httpx.HTTPError):
                asked_at = time.monotonic()
                text = httpx.get(f"{self.url}/metrics", timeout=2).text
                if "\nfinops_leader 1.0" in text:
                    self.led_at = asked_at
                if (found := EVALUATED.search(text)) and found[1] != shown:
                    shown, self.evaluated_at = found[1], asked_at

    def set_clock(self, seconds: int) -> None:
        """The replica reads the old offset or the new one, never a half."""
        new = self.folder / "offset.new"
        new.write_text(str(seconds), encoding="ascii")
        new.replace(self.folder / "offset")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if os.path.ismount(self.folder / "tmp"):
            subprocess.run(["umount", self.folder / "tmp"], check=False)


def _policy() -> str:
    today = datetime.now(UTC).date()
    return POLICY.format(start=month_start(today, -MONTHS), end=month_start(today, MONTHS))


def _config(port: int, servers: Servers) -> str:
    prom = f'  prom: {{kind: alertmanager, url: "{servers.alertmanager}"}}\n' if servers.alertmanager else ""
    return CONFIG.format(
        port=port,
        hook=f"http://127.0.0.1:{servers.hook.port}/",
        smtp=f"{{host: 127.0.0.1, port: {servers.mail.port}, security: none}}",
        alertmanager=prom,
        receivers="hook, mail, prom" if prom else "hook, mail",
    )


def main() -> None:
    """``finops run``, by a clock that a file moves."""
    folder = Path(sys.argv[1])
    real = SystemClock.now

    def now(clock: SystemClock) -> datetime:
        return real(clock) + timedelta(seconds=int((folder / "offset").read_text(encoding="ascii")))

    setattr(SystemClock, "now", now)  # noqa: B010 - the clock of a machine that somebody sets; mypy forbids an assignment
    sys.argv = ["finops", "-c", str(folder / "finops.yaml"), "--log-format", "json", "run"]
    finops()


if __name__ == "__main__":
    main()
