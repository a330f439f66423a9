"""Labels of an alert: what Alertmanager tells alerts apart by, so they hold nothing that changes while one fires."""

from __future__ import annotations

import re
from collections.abc import Mapping

from finops.model.finding import Finding, Severity
from finops_exporters.wording import plain

LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
"""https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels"""

RESERVED = frozenset({"alertname", "policy", "kind", "owner", "severity", "finops_alert"})


def labels_of(alert_id: str, finding: Finding, severity: Severity, more: Mapping[str, str]) -> dict[str, str]:
    """``alertname`` is ``Finops`` and the kind, so that one route takes all budgets. ``finops_alert`` keeps two groups
    apart whatever their names were made into: a dimension's name becomes a label's, its value one line."""
    group = {_label_name(name): plain(value) or "(none)" for name, value in sorted(finding.group.items())}
    return {
        **more,
        **group,
        "alertname": f"Finops{plain(finding.kind)}",
        "policy": plain(finding.policy),
        "kind": plain(finding.kind),
        "owner": plain(finding.owner),
        "severity": severity.value,
        "finops_alert": alert_id,
    }


def _label_name(name: str) -> str:
    made = re.sub(r"[^a-zA-Z0-9_]", "_", name)
    made = made if LABEL_NAME.fullmatch(made) else f"_{made}"
    return f"group_{made}" if made in RESERVED else made
