"""One bounded POST to somebody's server: what receivers over HTTP share."""

from finops_exporters.http.door import Door
from finops_exporters.http.options import HttpOptions

__all__ = ["Door", "HttpOptions"]
