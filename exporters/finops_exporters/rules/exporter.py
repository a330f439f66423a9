"""Groups of rules -> files that Prometheus loads."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from finops.model.kind_profile import Profiles
from finops.ports.exporter import NoOptions
from finops_exporters.rules.records import RECORDS
from finops_exporters.rules.rule import Alerting, Group, Recording
from finops_exporters.rules.service_alerts import service_alerts
from finops_exporters.rules.verdict_alerts import verdict_alerts


def groups(profiles: Profiles) -> Mapping[str, tuple[Group, str]]:
    """File -> its group of rules, and what it is for."""
    return {
        "prometheus/finops-records.rules.yaml": (
            RECORDS,
            "Sums for dashboards and verdicts for alerts. Always load this file.",
        ),
        "prometheus/finops-service.rules.yaml": (
            service_alerts(profiles),
            "Health of finops itself. Always load this file.",
        ),
        "prometheus/finops-verdicts.rules.yaml": (
            verdict_alerts(profiles),
            "Alerts on overspending. Load only if finops has no receivers; otherwise every alert is sent twice.",
        ),
    }


class RulesExporter:
    """The rules as files."""

    kind: ClassVar[str] = "rules"
    Options: ClassVar[type[BaseModel]] = NoOptions

    @classmethod
    def from_options(cls, name: str, options: BaseModel, *, base: Path) -> RulesExporter:  # noqa: ARG003
        """Needs neither; the signature is that of every extension."""
        return cls()

    def files(self, service_url: str, profiles: Profiles) -> Mapping[str, bytes]:
        """One file a group. Every alert links its runbook and the service's pages below ``service_url``."""
        return {path: _file(group, note, service_url.rstrip("/")) for path, (group, note) in groups(profiles).items()}


def _file(group: Group, note: str, url: str) -> bytes:
    rules = [_recording(rule) if isinstance(rule, Recording) else _alerting(rule, url) for rule in group.rules]
    yaml = YAML()
    yaml.width = 1_000_000  # a folded line would be a changed line
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump({"groups": [{"name": group.name, "rules": rules}]}, text)
    return f"# {note}\n# Written by 'finops assets'.\n{text.getvalue()}".encode()


def _recording(rule: Recording) -> dict[str, Any]:
    return {"record": rule.record, "expr": rule.expr}


def _alerting(rule: Alerting, url: str) -> dict[str, Any]:
    document: dict[str, Any] = {"alert": rule.alert, "expr": _block(rule.expr), "for": rule.held_for}
    if rule.severity:
        document["labels"] = {"severity": rule.severity}
    document["annotations"] = {
        "summary": rule.summary,
        "description": rule.description,
        "runbook_url": f"{url}/runbooks/{rule.runbook or rule.alert}",
        "link": f"{url}/{rule.page}",
    }
    return document


def _block(text: str) -> str:
    return LiteralScalarString(f"{text}\n") if "\n" in text else text
