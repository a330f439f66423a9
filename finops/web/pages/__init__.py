"""Pages for people: made when they are asked for, kept until something new is published; their forms."""

from finops.web.pages.page_data import PagePorts
from finops.web.pages.routes import add_pages
from finops.web.pages.statements import add_statements

__all__ = ["PagePorts", "add_pages", "add_statements"]
