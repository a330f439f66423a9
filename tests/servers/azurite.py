"""Azure Blob Storage (Azurite) on a free port, one for the session; its data stay in its memory."""

from __future__ import annotations

import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.faulty import FaultyServer
from tests.servers.missing import missing

ACCOUNT = "devstoreaccount1"
# the key that Azurite's documentation publishes for its built-in account
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True)
class AzureServer:
    """``endpoint``: http address without the account."""

    endpoint: str
    account: str = ACCOUNT
    key: str = KEY

    def create_container(self, name: str) -> None:
        """Creates a container by a request signed with the account's key."""
        import base64
        import hashlib
        import hmac
        from email.utils import formatdate

        import httpx

        date = formatdate(usegmt=True)
        version = "2021-12-02"
        text = (
            "PUT" + "\n" * 12 + f"x-ms-date:{date}\nx-ms-version:{version}\n"
            f"/{self.account}/{self.account}/{name}\nrestype:container"
        )
        digest = hmac.new(base64.b64decode(self.key), text.encode(), hashlib.sha256).digest()
        response = httpx.put(
            f"{self.endpoint}/{self.account}/{name}?restype=container",
            headers={
                "x-ms-date": date,
                "x-ms-version": version,
                "Authorization": f"SharedKey {self.account}:{base64.b64encode(digest).decode()}",
            },
        )
        response.raise_for_status()


@pytest.fixture(scope="session")
def azurite_server() -> Iterator[AzureServer]:
    local = Path(__file__).parent / "node_modules" / ".bin" / "azurite-blob"
    program = str(local) if local.exists() else shutil.which("azurite-blob")
    if program is None or shutil.which("node") is None:
        missing("azurite-blob", install="install Node.js, then npm ci in tests/servers")
    flags = ["--skipApiVersionCheck", "--inMemoryPersistence", "--disableTelemetry", "--silent"]
    process = subprocess.Popen(
        [program, "--blobHost", "127.0.0.1", "--blobPort", "0", *flags], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"listens on (http://[\d.]+:\d+)", line):
                break
        else:
            pytest.fail("azurite ended early: " + "".join(said))
        yield AzureServer(found.group(1))
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def faulty_azurite(azurite_server: AzureServer) -> Iterator[FaultyServer]:
    """In front of ``azurite_server``: passes everything on until a test tells it to fail."""
    server = FaultyServer(azurite_server.endpoint)
    yield server
    server.stop()


@pytest.fixture
def azure_container(azurite_server: AzureServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new empty container; this process is signed in to the server through its environment."""
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", azurite_server.key)
    container = f"container-{uuid.uuid4().hex[:12]}"
    azurite_server.create_container(container)
    return container
