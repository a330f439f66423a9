"""Pages, metrics and API over HTTP: stored bytes for scrapers and browsers, a small API beside them."""

from finops.runtime.http.access import Access, Role
from finops.runtime.http.application import create_app
from finops.runtime.http.board import Board
from finops.runtime.http.listen import check_listen
from finops.runtime.http.publisher import Publisher
from finops.runtime.http.server import HttpServer

__all__ = ["Access", "Board", "HttpServer", "Publisher", "Role", "check_listen", "create_app"]
