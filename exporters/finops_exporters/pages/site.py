"""Templates -> pages: what every page has around its own part."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from finops.model.wording import count_text
from finops.ports.exporter import Document
from finops.ports.pages import PageFacts
from finops_exporters.pages import words
from finops_exporters.pages.book import Book

_HTML = "text/html; charset=utf-8"


class Site:
    """Everything is escaped unless a template says ``safe``, and none does."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("finops_exporters.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["count"] = count_text

    def page(
        self,
        template: str,
        title: str,
        section: str,
        facts: PageFacts,
        book: Book | None,
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
            checked=words.minute(book.snapshot.as_of) if book else "",
            checked_iso=book.snapshot.as_of.isoformat() if book else "",
            evaluation_error=words.shown(operations.evaluation_error, 600),
            collecting=sorted(operations.collecting),
            **values,
        )
        return Document(_HTML, text.encode(errors="replace"), status=status, lasting=lasting)
