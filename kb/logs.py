"""How the log of a server looks: one line for each record, for people or as JSON.

A record of an operation says who asked by role alone. Tokens, questions, variables, addresses and
texts of callers are in no record.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import structlog
import uvicorn.logging
from structlog.stdlib import ProcessorFormatter

from kb.settings import Settings
from kb.settings.serving import LogFormat, LogLevel

RECORDED = (
    "operation",
    "operation_type",
    "role",
    "cost",
    "duration_ms",
    "outcome",
    "status",
)
"""What a record may say beside its message and the id of its request."""

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered."""

_FIRST = frozenset(("timestamp", "level", "event", "logger"))
_USUAL = _FIRST | {*RECORDED, "request_id"}
_VARYING = ("timestamp", "duration_ms", "request_id")
"""What differs between records of operations that are otherwise the same, and is never quoted."""
_MARKS = {"timestamp": "THE_TIMESTAMP", "duration_ms": 918273645546372819, "request_id": "THE_ID"}
_SAME = tuple(name for name in RECORDED if name not in _VARYING)
_LINES_KEPT = 1_000
_QUOTED = re.compile("[ \t=\r\n\"']")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configuration(settings: Settings) -> Mapping[str, Any]:
    """What `logging.config.dictConfig` takes, and uvicorn for each of its processes.

    Libraries are heard from WARNING on: what they write at DEBUG holds frames and statements.
    """
    own = {"level": settings.log_level.value}
    server = LogLevel.INFO if settings.log_level is LogLevel.DEBUG else settings.log_level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {"()": "kb.logs.formatter", "log_format": settings.log_format.value}
        },
        "filters": {"connections": {"()": "kb.logs.WithoutConnections"}},
        "handlers": {
            "stderr": {
                "class": "kb.logs.LineHandler",
                "formatter": "structured",
            }
        },
        "root": {"handlers": ["stderr"], "level": LogLevel.WARNING.value},
        "loggers": {
            "kb": own,
            "graphql_schema": own,
            "uvicorn": {"level": server.value},
            "uvicorn.error": {"filters": ["connections"]},
            # It would hold questions and tokens that stand in addresses.
            "uvicorn.access": {"handlers": [], "propagate": False},
        },
    }


def set_up_for_uvicorn(settings: Settings) -> None:
    """Set up the log of a server that `kb serve` has not started, as `kb serve` would.

    Where somebody has set up a log of their own it is left alone, but for the record of accesses.
    """
    handlers = logging.getLogger("uvicorn").handlers
    if any(isinstance(handler.formatter, uvicorn.logging.DefaultFormatter) for handler in handlers):
        logging.config.dictConfig(dict(configuration(settings)))
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate = [], False


def formatter(log_format: str) -> ProcessorFormatter:
    """Formats the records of all loggers alike; threads and processes are in no record."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    rendering: list[Any] = [ProcessorFormatter.remove_processors_meta]
    if log_format == LogFormat.JSON:
        rendering += [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        plain = structlog.dev.plain_traceback
        colours = sys.stderr.isatty()
        console = structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)
        rendering += [console if colours else Lines(console)]
    return Formatter(foreign_pre_chain=[described], processors=rendering)


class Formatter(ProcessorFormatter):
    """Formats records that tell of no exception without a copy of each.

    Records of operations come again and again, so the processors make their line once, with marks
    where it says when, how long it took and for which request.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._lines: dict[tuple[object, ...], str | None] = {}

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record, as the processors make it."""
        if record.exc_info or record.stack_info:
            return super().format(record)
        attributes = vars(record)
        if "duration_ms" not in attributes or record.args:
            return self._rendered(record)
        request_id = REQUEST_ID.get()
        same = (record.levelname, record.name, record.msg, request_id is None)
        same += tuple(map(attributes.get, _SAME))
        if same not in self._lines:
            if len(self._lines) >= _LINES_KEPT:
                self._lines.clear()
            self._lines[same] = self._line(record)
        line = self._lines[same]
        if line is None:
            return self._rendered(record)
        return line.format(_timestamp(record), attributes["duration_ms"], request_id)

    def _line(self, record: logging.LogRecord) -> str | None:
        """The line of such records, with places for what varies; None where there can be none."""
        text = self._rendered(record, _MARKS).replace("{", "{{").replace("}", "}}")
        for place, name in enumerate(_VARYING):
            mark = str(_MARKS[name])
            if text.count(mark) != (name != "request_id" or REQUEST_ID.get() is not None):
                return None
            text = text.replace(mark, f"{{{place}}}")
        return text

    def _rendered(
        self, record: logging.LogRecord, instead: Mapping[str, object] | None = None
    ) -> str:
        made: Any = {"event": record.getMessage(), "_record": record, "_from_structlog": False}
        made = described(None, "", made)
        made |= {name: value for name, value in (instead or {}).items() if name in made}
        for processor in self.processors:
            made = processor(self.logger, made["level"], made)
        return str(made)


class Lines:
    """Renders usual records as structlog's renderer does without colours, in a third of its time.

    Each answer is logged, so that is a part of what one costs. What needs quotes, or tells of an
    exception, is left to the renderer itself.
    """

    def __init__(self, console: structlog.dev.ConsoleRenderer) -> None:
        self._console = console

    def __call__(self, logger: Any, method: str, record: MutableMapping[str, Any]) -> str:
        """The line of a record."""
        if record.keys() <= _USUAL and not _QUOTED.search(";".join(map(str, record.values()))):
            values = " ".join(f"{name}={record[name]}" for name in sorted(record.keys() - _FIRST))
            first = (
                f"{record['timestamp']} [{record['level']:<9}] {record['event']:<30} "
                f"[{record['logger']}]"
            )
            return f"{first} {values}" if values else first
        return self._console(logger, method, record)


def described(
    _logger: object, _method: str, made: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """What is said of a record: its message on one line, when, by whom, and what it may say.

    Control characters are spelt out, as a caller could make up a line of its own by them.
    """
    record: logging.LogRecord = made["_record"]
    attributes = vars(record)
    event = str(made["event"]).strip()
    made["event"] = _CONTROL.sub(lambda found: ascii(found[0])[1:-1], event)
    request_id = REQUEST_ID.get()
    if request_id is not None:
        made["request_id"] = request_id
    made["level"] = record.levelname.lower()
    made["logger"] = record.name
    for name in RECORDED:
        if name in attributes:
            made[name] = attributes[name]
    made["timestamp"] = _timestamp(record)
    return made


def _timestamp(record: logging.LogRecord) -> str:
    second, fraction = divmod(record.created, 1)
    return f"{_second(int(second))}.{int(fraction * 1_000_000):06d}Z"


@lru_cache(maxsize=10)
def _second(at: int) -> str:
    """A second since 1970 as a text; many records are of the same."""
    return datetime.fromtimestamp(at, UTC).isoformat().removesuffix("+00:00")


class WithoutConnections(logging.Filter):
    """Leaves out uvicorn's records of WebSockets: they hold addresses, and what stands in URLs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is kept."""
        return '"WebSocket ' not in str(record.msg)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes each record in one piece, to a stream that passes on each line, as stderr does."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            self.stream.write(f"{self.format(record)}\n")
        except Exception:
            self.handleError(record)
