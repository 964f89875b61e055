"""Logs: structured lines on standard error, an event name in snake_case and its particulars."""

from __future__ import annotations

import logging
import sys

import structlog

from collateral.ops import clock


def start(program: str, *, verbose: bool = False, **ids: str) -> None:
    """Set up logging for one program. JSON when not on a terminal. `ids` stand in every line, whatever the thread."""
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _by({"program": program, **ids}),
            _stamp,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def logger() -> structlog.stdlib.BoundLogger:
    """The logger to use; ids are bound by the caller."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger()
    return bound


def _by(ids: dict[str, str]) -> structlog.types.Processor:
    # Context variables do not reach threads that were not started from here.
    def add(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        for name, value in ids.items():
            event.setdefault(name, value)
        return event

    return add


def _stamp(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    event["at"] = clock.now().isoformat(timespec="seconds")
    return event
