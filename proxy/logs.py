"""What the processes say on stderr. Enters: an event's name and fields that we chose. Leaves: one line each.

Libraries log what they please, and what they please may be a visitor's address (aiohttp's access and error logs) or a
piece of a request (the text of an exception). So nothing of theirs is printed but who spoke, how loudly, and which kind
of error it was and where: code is not personal.
"""

import logging
import sys
from asyncio import AbstractEventLoop
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger("sporlos")


class _WithoutMessage(logging.Handler):
    """Passes on that a library said something, not what."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        fields = {"library": record.name, **(_described(error) if error else {})}
        (log.error if record.levelno >= logging.ERROR else log.warning)("a library complained", **fields)


def configure() -> None:
    """Set up this process's logs; call it before anything can fail."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_WithoutMessage()], force=True)
    logging.raiseExceptions = False


def silent() -> logging.Logger:
    """For aiohttp's server: what it complains of is what strangers send, a line each, and our own faults come to us."""
    logger = logging.getLogger("sporlos.silent")
    logger.disabled = True
    return logger


def hide_tracebacks(loop: AbstractEventLoop) -> None:
    """For processes that visitors talk to: an exception's text may quote a request, so only its kind is told."""
    sys.excepthook = _except_hook
    loop.set_exception_handler(_loop_handler)


def fault(message: str, error: BaseException) -> None:
    """Log a fault of ours: what kind, and where in the code."""
    log.error(message, **_described(error))


def _described(error: BaseException) -> dict[str, str]:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else ""
    return {"error": type(error).__name__, "where": where}


def _except_hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    fault("process failed", error)


def _loop_handler(_loop: AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if error is not None:
        fault("task failed", error)
    else:
        log.error("event loop complained")
