"""One way to ask somebody's server over HTTP: a total deadline, bounded answers, errors without secrets."""

from finops.http_client.failures import answer_failure, retry_after_seconds, server_words
from finops.http_client.json_api import Answers, JsonApi
from finops.http_client.options import HttpOptions, check_address, is_header_value, parse_url
from finops.http_client.session import Answer, HttpSession, http_session, trust

__all__ = [
    "Answer",
    "Answers",
    "HttpOptions",
    "HttpSession",
    "JsonApi",
    "answer_failure",
    "check_address",
    "http_session",
    "is_header_value",
    "parse_url",
    "retry_after_seconds",
    "server_words",
    "trust",
]
