"""Logs as JSON lines without personal data, and the id that ties the lines of one request or message together.

configure("events")                       # once per process, where it is put together
log = get_logger(__name__)
log.info("offer_accepted", offer=str(offer.id))     # ids, never names or addresses
"""

import json
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

import structlog

_ADDRESS = re.compile(r"[^\s<>\"'(),;:=/\[\]]+@[^\s<>\"'(),;:=/]+")
_QUERY = re.compile(r"\?[^\s\"'>]+")
_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^\s/@]+@")
_TOKEN = re.compile(
    r"(?<![0-9A-Za-z_.-])(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]+)*|\b[A-Za-z0-9]{26,}\b"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_TICKET = re.compile(r"(?<=/[tT]/)[^\s/?#\"']+")
_SECRET_NAMES = re.compile(
    r"(?i)token|secret|password|authorization|cookie|e_?mail|address|(^|first_|last_|full_|display_|person_|attendee_)name$|phone|query"
)
_PUBLIC_NAMES = frozenset({"event", "logger", "level", "timestamp", "service", "request_id", "exception"})


def configure(service: str, *, stream: TextIO | None = None, level: str = "INFO") -> None:
    """Send structlog's and the standard library's lines through one redacting processor to stderr."""
    tame()
    last = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _stamp(service),
        redacted,
        structlog.processors.JSONRenderer(serializer=_dumps),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_chain_of_all(), processors=last))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def tame() -> None:
    """Make structlog speak through the standard library, redacted, even where nobody called configure().

    Its own default would print tracebacks with all local variables.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_chain_of_all(),
            redacted,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _chain_of_all() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _frames_only,
    ]


def get_logger(name: str) -> Any:
    """A logger: the first argument names what happened, the rest are facts by name."""
    return structlog.stdlib.get_logger(name)


def new_request_id() -> str:
    """An id for one request; short enough to be read over the telephone."""
    return secrets.token_hex(6)


@contextmanager
def traced(**facts: str) -> Iterator[None]:
    """Put facts such as request_id=… or message_id=… on every line logged inside."""
    with structlog.contextvars.bound_contextvars(**facts):
        yield


def redacted(_logger: Any, _method: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """A structlog processor: what may identify a person or open a door becomes […]."""
    return {name: _without_secrets(name, value) for name, value in line.items()}


def redact(text: str) -> str:
    """The text without mail addresses, query strings, credentials in URLs and tokens. UUIDs stay: they are needed."""
    text = _CREDENTIALS_IN_URL.sub("[…]@", text)
    text = _QUERY.sub("?[…]", text)
    text = _ADDRESS.sub("[…]", text)
    text = _TICKET.sub("[…]", text)
    return _outside_uuids(text)


def _without_secrets(name: str, value: Any) -> Any:
    if name not in _PUBLIC_NAMES and _SECRET_NAMES.search(name):
        return "[…]"
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _without_secrets(str(key), one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_without_secrets("", one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float)) else redact(str(value))


def _frames_only(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    """Where it broke and the kind of exception. Its message stays out: it may quote what somebody entered."""
    fault = line.pop("exc_info", None)
    fault = sys.exc_info()[1] if fault is True else fault[1] if isinstance(fault, tuple) else fault
    if isinstance(fault, BaseException):
        line["exception"] = " <- ".join(_told(one) for one in _chain(fault))
    return line


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    for _ in range(5):
        if fault is None:
            return
        yield fault
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)


def _told(fault: BaseException) -> str:
    frames = traceback.extract_tb(fault.__traceback__)[-12:]
    steps = [(frame.filename.rpartition("site-packages/")[2], frame.lineno, frame.name) for frame in frames]
    path = " > ".join(f"{file}:{line} {name}" for file, line, name in steps)
    return f"{type(fault).__module__}.{type(fault).__qualname__} at {path}"


def _outside_uuids(text: str) -> str:
    parts, end = [], 0
    for found in _UUID.finditer(text):
        parts += [_TOKEN.sub("[…]", text[end : found.start()]), found.group()]
        end = found.end()
    return "".join([*parts, _TOKEN.sub("[…]", text[end:])])


def _stamp(service: str) -> Any:
    def stamp(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
        return {**line, "service": service}

    return stamp


def _dumps(line: Any, **options: Any) -> str:
    return json.dumps(line, ensure_ascii=False, **options)
