"""Log lines for people and for machines. What is logged is access.py's and serve.py's business; this only writes it.

In: log records, some with `fields`. Out: one line each: JSON, or text for a terminal. Of an exception only its type is
written, for its message may quote what it failed on.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """{"time", "level", "logger", "message"} and the fields of the record. Exceptions are told by their type only."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
        line.update(getattr(record, "fields", {}))
        return orjson.dumps(line, default=str).decode()


class TextLines(logging.Formatter):
    """One line for a terminal; an exception is told by its type only."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name of logging
        """The type of the exception."""
        return str(ei[0].__name__) if ei and ei[0] is not None else ""


class NotADenial(logging.Filter):
    """Leaves out uvicorn's complaint about every WebSocket that is refused with a problem instead of being accepted."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be written."""
        return record.msg != "ASGI callable returned without completing handshake."


def logging_config(style: str, *, access: bool) -> dict[str, Any]:
    """What logging.config.dictConfig takes: our lines and uvicorn's warnings, on stderr.

    uvicorn's own access log is off: it would print whole paths and queries. Ours is access.py's.
    """
    formatter = "fanzha_api.logs.JsonLines" if style == "json" else "fanzha_api.logs.TextLines"
    levels = {"fanzha_api": "INFO", "fanzha_api.access": "INFO" if access else "ERROR", "uvicorn": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "filters": {"denials": {"()": "fanzha_api.logs.NotADenial"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["denials"]}},
        "loggers": {
            name: {"handlers": ["stderr"], "level": level, "propagate": False} for name, level in levels.items()
        },
    }
