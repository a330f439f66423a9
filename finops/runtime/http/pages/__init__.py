"""Pages for people: made when they are asked for, kept until something new is published; their forms."""

from finops.runtime.http.pages.routes import add_pages
from finops.runtime.http.pages.statements import add_statements

__all__ = ["add_pages", "add_statements"]
