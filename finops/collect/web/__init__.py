"""Other people's web interfaces: JSON asked by GET, with patience, and faults as errors of ours."""

from finops.collect.web.json_api import Answers, JsonApi
from finops.collect.web.options import check_address

__all__ = ["Answers", "JsonApi", "check_address"]
