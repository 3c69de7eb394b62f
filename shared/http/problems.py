"""How a "no" is said: RFC 9457 problem documents under /<service>/api, a kind page in the reader's language elsewhere.

The one table from a rejection's kind to its HTTP status is here. Doors raise; nobody catches in between.
"""

from collections.abc import Mapping
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, json, make_response, redirect, render_template, request
from marshmallow import ValidationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from shared.errors import N_, InvalidInput, Kind, NotSignedIn, Rejection
from shared.http.identity import SessionExpired, has_expired, is_api, sign_in_page
from shared.http.locale import _, current_locale, format_date, format_datetime
from shared.http.wording import flat
from shared.telemetry import get_logger

STATUS: dict[Kind, int] = {
    "unknown": 404,
    "unauthenticated": 401,
    "forbidden": 403,
    "conflict": 409,
    "gone": 410,
    "too_large": 413,
    "unsupported": 415,
    "invalid": 422,
    "too_many": 429,
}
_TITLES = {
    400: (N_("This request cannot be read"), N_("Please go back, reload the page and try again.")),
    401: (N_("Please sign in first"), ""),
    403: (N_("This is not allowed"), N_("The request came from another website or lacks a permission.")),
    404: (N_("There is nothing here"), N_("It does not exist, or it is not yours to see.")),
    405: (N_("This address does not do that"), ""),
    406: (N_("This is not available in the format you ask for"), ""),
    408: (N_("This took too long"), ""),
    409: (N_("This is not possible"), ""),
    410: (N_("This is no longer here"), ""),
    411: (N_("The length of the request is missing"), N_("Please send a Content-Length header.")),
    412: (N_("Somebody else changed this meanwhile"), N_("Please load it again and repeat your change.")),
    413: (N_("This is too large"), N_("Please send less at once.")),
    414: (N_("This address is too long"), ""),
    415: (N_("This format is not understood"), N_("Please send the content type that the documentation names.")),
    422: (N_("Please check what you entered"), ""),
    428: (N_("A condition is missing"), N_("Please send an If-Match header.")),
    429: (N_("Too many attempts"), N_("Please wait a little and try again.")),
    500: (N_("Something went wrong on our side"), N_("It was not your fault. Tell us the number below if it stays.")),
    503: (N_("We are busy right now"), N_("Please try again in a moment. Nothing was lost.")),
}
_RESERVED = frozenset({"type", "title", "status", "detail", "instance", "errors", "request_id"})


class BadForm(HTTPException):
    """Malformed or forged input: 400 with a sentence for the reader."""

    code = 400


def install(app: Flask) -> None:
    """Answer every rejection, refusal and bug."""
    app.register_error_handler(Rejection, reject)
    app.register_error_handler(ValidationError, _invalid)
    app.register_error_handler(HTTPException, _refuse)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(DBAPIError, _broken_database)
    app.register_error_handler(DataError, _unreadable)
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(InternalServerError, _broken_answer)
    app.register_error_handler(Exception, _bug)


def reject(rejection: Rejection) -> Response:
    """The answer to a rejection. Doors that show it inside their own page use `sentence` and `status_of`."""
    if isinstance(rejection, NotSignedIn):
        if _is_page_visit():
            return make_response(redirect(sign_in_page(), 303))
        rejection = SessionExpired() if has_expired() else rejection
    errors = rejection.errors if isinstance(rejection, InvalidInput) else {}
    response = problem(
        status_of(rejection),
        title=_(rejection.title),
        detail=sentence(rejection),
        type_=f"urn:werktor:problem:{rejection.slug()}",
        errors=errors,
        facts=rejection.facts,
    )
    if rejection.kind == "too_many" and isinstance(seconds := rejection.facts.get("retry_after"), int):
        response.headers["Retry-After"] = str(seconds)
    return response


def status_of(rejection: Rejection) -> int:
    """The HTTP status of a rejection."""
    return STATUS[rejection.kind]


def sentence(rejection: Rejection) -> str:
    """The rejection's detail in the reader's language with its facts filled in; its title if it has no detail."""
    facts = {name: _said(value) for name, value in rejection.facts.items()}
    return _(rejection.detail or rejection.title, **facts)


def problem(
    status: int,
    *,
    title: str = "",
    detail: str = "",
    type_: str = "about:blank",
    errors: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Response:
    """An answer with this status: a problem document or a page, whichever the asker reads. Texts come translated."""
    usual_title, usual_detail = _TITLES.get(status, (HTTPStatus(status).phrase, ""))
    document: dict[str, Any] = {name: _plain(value) for name, value in (facts or {}).items() if name not in _RESERVED}
    document |= {"type": type_, "title": title or _(usual_title), "status": status}
    document["detail"] = detail or (_(usual_detail) if usual_detail and not title else "")
    document["request_id"] = g.get("request_id", "")
    if errors:
        document["errors"] = flat(errors)
    response = _document(document) if is_api() else _page(document)
    if status == HTTPStatus.UNAUTHORIZED and is_api():
        response.headers["WWW-Authenticate"] = 'Bearer realm="werktor"'
    return response


def _document(document: dict[str, Any]) -> Response:
    body = {name: value for name, value in document.items() if value not in ("", None) or name == "title"}
    return Response(json.dumps(body), document["status"], mimetype="application/problem+json")


def _page(document: dict[str, Any]) -> Response:
    html = render_template("layout/problem.html", problem={"errors": {}, **document})
    return make_response(html, document["status"])


def _invalid(error: ValidationError) -> Response:
    messages = error.messages if isinstance(error.messages, dict) else {"form": error.messages}
    return problem(422, errors=messages)


def _refuse(refusal: HTTPException) -> Response:
    if refusal.code is None or refusal.code < HTTPStatus.BAD_REQUEST:
        return make_response(refusal.get_response(request.environ))
    if refusal.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        get_logger(__name__).error("answered_with_failure", status=refusal.code)
    data: Mapping[str, Any] = getattr(refusal, "data", None) or {}
    detail = _(str(refusal.description)) if isinstance(refusal, BadForm) and refusal.description else ""
    response = problem(refusal.code, detail=detail, errors=data.get("messages") or data.get("errors"))
    for name, value in refusal.get_headers(request.environ):
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _broken_database(error: DBAPIError) -> Response:
    """A connection that ended under us is an outage however the driver names it; anything else is a bug."""
    return _busy(error) if error.connection_invalidated or isinstance(error, InterfaceError) else _bug(error)


def _busy(_error: Exception) -> Response:
    get_logger(__name__).error("database_unavailable", path=_route(), exc_info=True)
    response = problem(503)
    response.headers["Retry-After"] = "2"
    return response


def _unreadable(_error: DataError) -> Response:
    get_logger(__name__).error("database_refused_value", path=_route(), exc_info=True)
    return problem(400)


def _overtaken(_error: IntegrityError) -> Response:
    """Two wrote the same at once and no use case foresaw it: nothing was stored, trying again is safe."""
    get_logger(__name__).error("unforeseen_constraint", path=_route(), exc_info=True)
    return problem(409, title=_(_TITLES[412][0]), detail=_(_TITLES[412][1]))


def _broken_answer(failure: InternalServerError) -> Response:
    """Something broke while an error was being answered."""
    cause = failure.original_exception
    return _bug(cause) if isinstance(cause, Exception) else _refuse(failure)


def _bug(bug: Exception) -> Response:
    """A bug: logged here and nowhere else, without what was entered."""
    get_logger(__name__).error("bug", path=_route(), method=request.method, exc_info=bug)
    try:
        return problem(500)
    except Exception:  # noqa: BLE001 - the page itself may be what is broken; the reader still gets a sentence
        get_logger(__name__).error("problem_page_broken", exc_info=True)
        text = f"Something went wrong on our side. Number: {g.get('request_id', '')}"
        return Response(text, 500, mimetype="text/plain")


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "(none)"


def _is_page_visit() -> bool:
    return request.method in {"GET", "HEAD"} and not is_api()


def _said(fact: Any) -> Any:
    if isinstance(fact, datetime):
        return format_datetime(fact, width="medium")
    if isinstance(fact, date):
        return format_date(fact)
    if isinstance(fact, Mapping):
        return fact.get(current_locale()) or next(iter(fact.values()), "")
    return fact


def _plain(fact: Any) -> Any:
    if isinstance(fact, (datetime, date)):
        return fact.isoformat()
    return fact if fact is None or isinstance(fact, (bool, int, float, str, list, tuple, dict)) else str(fact)
