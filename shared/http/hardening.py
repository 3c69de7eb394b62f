"""Hostile requests are answered with a 4xx before any view sees them.

Bodies: Content-Length needed (411), at most 1 MiB (413), a type the door understands (415), well-formed UTF-8 without
NUL (400), JSON only as shared.http.strict_json reads it (400). Addresses: short, UTF-8, without controls.
A view that takes something else says so:  @accepts_body(most=5 * MIB, types=("multipart/form-data",))
"""

import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, Request, current_app, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import (
    BadRequest,
    LengthRequired,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    RequestURITooLarge,
    UnsupportedMediaType,
)
from werkzeug.routing import BaseConverter, IntegerConverter, Map, UnicodeConverter

from shared.http import strict_json
from shared.http.identity import is_api

MIB = 1024 * 1024
MOST_FIELDS = 1000
_MOST_PARAMETERS = 100
_LONGEST_PATH = 1000
_LONGEST_QUERY = 8000
JSON_TYPES = ("application/json", "application/merge-patch+json")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_UNFIT = re.compile("[\x00-\x1f\ufffd]")  # controls, and what was not UTF-8
_KNOWN_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

View = TypeVar("View", bound=Callable[..., Any])


def accepts_body(*, most: int = MIB, types: tuple[str, ...] | None = None) -> Callable[[View], View]:
    """Let this view take larger bodies or other types than its door usually does. Put it nearest the function."""

    def mark(view: View) -> View:
        view._werktor_body = (most, types)  # type: ignore[attr-defined]  # noqa: SLF001 - wraps() carries it outwards
        return view

    return mark


class StrictJson(DefaultJSONProvider):
    """JSON as strict_json reads it; written as UTF-8 in the order of the code."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """The value of a document, or UnfitJson."""
        return strict_json.loads(s)


class StrictRequest(Request):
    """A request that says nothing about its parser's troubles."""

    def on_json_loading_failure(self, e: ValueError | None) -> NoReturn:
        """400 for malformed JSON, 415 for something else; never details of the parser."""
        if e is None:
            raise UnsupportedMediaType
        raise BadRequest


def install(app: Flask) -> None:
    """Guard every request of the application."""
    app.request_class = StrictRequest
    app.json = StrictJson(app)
    app.config["MAX_FORM_MEMORY_SIZE"] = MIB
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS
    app.url_map.merge_slashes = False  # its redirect would turn //elsewhere into an address
    app.url_map.converters.update(int=_Int, string=_Segment, default=_Segment, path=_Path)
    app.before_request(_guard)


def _guard() -> None:
    _guard_address()
    if request.method not in _KNOWN_METHODS:
        raise MethodNotAllowed(valid_methods=_allowed())
    if request.routing_exception is not None:
        raise request.routing_exception
    _guard_body()


def _guard_address() -> None:
    query = request.query_string
    if len(query) > _LONGEST_QUERY:
        raise RequestURITooLarge
    if len(request.path) > _LONGEST_PATH or _UNFIT.search(request.path):
        raise NotFound
    if query.count(b"&") > _MOST_PARAMETERS or not _is_sound(query):
        raise BadRequest


def _guard_body() -> None:
    length = request.headers.get("Content-Length", "")
    if "Transfer-Encoding" in request.headers and not length:
        raise LengthRequired
    if length and not (length.isascii() and length.isdigit()):
        raise BadRequest
    most, types = _accepted()
    if len(length) > 15 or int(length or 0) > most:
        raise RequestEntityTooLarge
    request.max_content_length = most
    if int(length or 0) > 0:
        _guard_content(types)


def _guard_content(types: tuple[str, ...]) -> None:
    if request.mimetype not in types or not _is_utf8(request.mimetype_params.get("charset", "")):
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return  # a body that nobody reads
        raise UnsupportedMediaType
    if request.mimetype in JSON_TYPES:
        request.get_json()
    elif request.mimetype == _FORMS[0]:
        _guard_form(request.get_data(cache=True, parse_form_data=False))
    elif any("\x00" in text or "\ufffd" in text for pair in request.form.items(multi=True) for text in pair):
        raise BadRequest


def _guard_form(body: bytes) -> None:
    if body.count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge
    if not _is_sound(body):
        raise BadRequest


def _accepted() -> tuple[int, tuple[str, ...]]:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    most, types = getattr(view, "_werktor_body", None) or _of_method(view) or (MIB, None)
    return most, types or (JSON_TYPES if is_api() else _FORMS)


def _of_method(view: Any) -> Any:
    """What a method of a class-based view declares."""
    method = getattr(getattr(view, "view_class", None), request.method.lower(), None)
    return getattr(method, "_werktor_body", None)


def _is_sound(encoded: bytes) -> bool:
    text = unquote_to_bytes(encoded.replace(b"+", b" "))
    try:
        return "\x00" not in text.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _is_utf8(charset: str) -> bool:
    return charset.strip("\"'").lower() in {"", "utf-8", "utf8"}


def _allowed() -> list[str]:
    adapter = current_app.create_url_adapter(request)
    return sorted(adapter.allowed_methods()) if adapter and request.path else []


class _Int(IntegerConverter):
    """Numbers in addresses end where 64 bit end."""

    regex = r"\d{1,18}"


class _Segment(UnicodeConverter):
    """One part of a path, not absurdly long."""

    def __init__(self, map: Map, minlength: int = 1, maxlength: int | None = 200, length: int | None = None) -> None:  # noqa: A002
        super().__init__(map, minlength, maxlength, length)


class _Path(BaseConverter):
    """The rest of a path."""

    part_isolating = False
    regex = r"[^/].{0,500}?"
    weight = 200
