"""Structured logs on standard error, one line an event, as text for people or JSON for machines; no traceback."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import stamina.instrumentation
import structlog
from structlog.typing import EventDict

from finops.model.untrusted import harmless, one_line

LogFormat = Literal["text", "json"]

_TELL_ADDRESSES = ("apprise", "httpcore", "httpx")
"""They log whole addresses, and an address can hold a token."""


_SAY_IT_TWICE = ("azure.identity",)
"""They log a page of what failed before they raise it; our error says what to do. ``-vv`` shows it all."""


def configure_logs(log_format: LogFormat, *, verbose: int = 0) -> None:
    """Sets up structlog and the standard library's logging behind one renderer. Times are UTC."""
    level = logging.DEBUG if verbose > 1 else logging.INFO
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(sort_keys=True)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # others show local variables, which hold tokens
        )
    )
    harmless: list[structlog.typing.Processor] = [] if log_format == "json" else [_one_line_each]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *harmless, renderer],
            foreign_pre_chain=shared,
        )
    )
    stamina.instrumentation.set_on_retry_hooks([_tell_wait])
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if verbose < 2 else logging.INFO)  # libraries speak up on warnings only
    for library in _TELL_ADDRESSES:
        logging.getLogger(library).setLevel(logging.CRITICAL)
    for library in _SAY_IT_TWICE if verbose < 2 else ():
        logging.getLogger(library).setLevel(logging.ERROR)
    logging.getLogger("finops").setLevel(level)


_TRACEBACKS = ("exception", "stack")


def _one_line_each(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A name from a bill ends no line and moves no cursor; JSON escapes it anyway. Tracebacks have lines."""
    return {key: _shown(key, value) if isinstance(value, str) else value for key, value in event.items()}


def _shown(key: str, value: str) -> str:
    return harmless(value) if key in _TRACEBACKS else one_line(value)


def _tell_wait(details: stamina.instrumentation.RetryDetails) -> None:
    """A wait before another try is told: silence would look like a standstill."""
    structlog.get_logger("finops.retry").info(
        "waiting before another try",
        seconds=round(details.wait_for, 1),
        tries=details.retry_num,
        error=str(details.caused_by),
    )
