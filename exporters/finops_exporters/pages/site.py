"""Templates -> pages: what every page has around its own part."""

from __future__ import annotations

from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from finops.model.age import age
from finops.model.operations import EVALUATE, Operations
from finops.model.wording import count_text
from finops.ports.exporter import Document
from finops.ports.pages import ServiceFacts
from finops_exporters import words
from finops_exporters.pages.snapshot_index import SnapshotIndex

_HTML = "text/html; charset=utf-8"


class Site:
    """Everything is escaped unless a template says ``safe``, and none does."""

    def __init__(self, draft: object = None) -> None:
        """``draft``: what pages of policies say that are not live; None for those of the service."""
        self._environment = Environment(
            loader=PackageLoader("finops_exporters.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(count=count_text, draft=draft)

    def page(
        self,
        template: str,
        title: str,
        section: str,
        facts: ServiceFacts,
        index: SnapshotIndex | None,
        *,
        status: int = 200,
        lasting: bool = True,
        **values: object,
    ) -> Document:
        """``section``: the entry of the navigation that the page belongs to. ``values``: for the template."""
        operations = facts.operations()
        text = self._environment.get_template(template).render(
            title=words.shown(title, 200),
            section=section,
            checked=words.minute(index.snapshot.as_of) if index else "",
            checked_iso=index.snapshot.as_of.isoformat() if index else "",
            checked_age=age(index.snapshot.as_of, facts.now()) if index else "",
            late=_late(index, operations, facts.now()),
            reload_error=words.shown(operations.reload_error, 600),
            evaluation_error=words.shown(operations.evaluation_error, 600),
            policy_faults=[words.shown(fault, 600) for fault in operations.policy_faults or ()],
            lake_faults=[words.shown(fault, 600) for fault in operations.lake_faults or ()],
            collecting=sorted(operations.collecting),
            sees_all=operations.of_all,
            evaluation_requested=EVALUATE in operations.requested,
            **values,
        )
        return Document(_HTML, text.encode(errors="replace"), status=status, lasting=lasting)


def _late(index: SnapshotIndex | None, operations: Operations, now: datetime) -> str:
    """How old the last evaluation is, where it is older than it should be."""
    bound = operations.evaluation_bound
    if index is None or bound is None or now - index.snapshot.as_of <= bound:
        return ""
    return age(index.snapshot.as_of, now)
