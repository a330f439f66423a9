"""Pages for people: made when they are asked for, kept until something new is published; their forms."""

from finops.web.pages.routes import add_pages
from finops.web.pages.statements import add_statements

__all__ = ["add_pages", "add_statements"]
