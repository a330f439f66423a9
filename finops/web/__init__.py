"""Pages, metrics and API over HTTP: stored bytes for scrapers and browsers, a small API beside them (``application``,
which is not imported here: the service answers scrapers before it has it)."""

from finops.web.edge.access import Access
from finops.web.edge.caller import Caller, Role, caller_of
from finops.web.edge.same_origin import Site
from finops.web.published import PublishedState
from finops.web.publisher import Publisher
from finops.web.server import HttpServer

__all__ = [
    "Access",
    "Caller",
    "HttpServer",
    "PublishedState",
    "Publisher",
    "Role",
    "Site",
    "caller_of",
]
