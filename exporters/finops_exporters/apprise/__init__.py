"""Chat and pagers, through the services that apprise knows."""

from finops_exporters.apprise.options import AppriseOptions
from finops_exporters.apprise.receiver import Apprise

__all__ = ["Apprise", "AppriseOptions"]
