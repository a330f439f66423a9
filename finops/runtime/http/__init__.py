"""Pages, metrics and API over HTTP: stored bytes for scrapers and browsers, a small API beside them (``application``,
which is not imported here: the service answers scrapers before it has it)."""

from finops.runtime.http.access import Access
from finops.runtime.http.board import Board
from finops.runtime.http.caller import Caller, Role, caller_of
from finops.runtime.http.listen import check_listen
from finops.runtime.http.publisher import Publisher
from finops.runtime.http.server import HttpServer
from finops.runtime.http.site import Site

__all__ = [
    "Access",
    "Board",
    "Caller",
    "HttpServer",
    "Publisher",
    "Role",
    "Site",
    "caller_of",
    "check_listen",
]
