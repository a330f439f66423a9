"""The links in the rules lead somewhere: the service answers with the runbook."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx

from finops.app.runbooks import runbook_documents
from finops.web import PublishedState, Publisher
from finops_exporters.prometheus import PrometheusExporter
from finops_exporters.rules import RulesExporter
from tests.integration.web.served import PAGES, serving
from tests.support.profiles import PROFILES
from tests.support.snapshots import operations


def test_each_alerts_runbook_is_served() -> None:
    board = PublishedState()
    Publisher(board, PrometheusExporter(), PAGES, PROFILES, runbook_documents()).publish(None, operations())
    rules = b"".join(RulesExporter().files("https://finops.example.com", PROFILES).values()).decode()
    links = re.findall(r"runbook_url: (\S+)", rules)
    assert len(links) > 15
    with serving(board) as url:
        for link in links:
            path = urlsplit(link).path
            answer = httpx.get(url + path)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.text.startswith(f"# {path.rpartition('/')[2]}\n")
