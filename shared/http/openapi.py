"""The JSON door: flask-smorest on our schemas, an OpenAPI 3.1 document and a page that shows it.

api = new_api(app, title="Werktor registration", version="1")

check_ins = Blueprint("check-ins", __name__, url_prefix="/registration/api/v1", description="Who came")

@check_ins.post("/check-ins")
@check_ins.arguments(CheckInWish)                    # a Wish: unknown fields are 422
@check_ins.response(201, CheckInSchema)
def add_check_in(wish: dict[str, Any]) -> CheckIn: …

api.register_blueprint(check_ins)
"""

from functools import cache
from typing import Any, NoReturn

import flask
import flask_smorest  # type: ignore[import-untyped]
import marshmallow
from flask import Flask, Request, json, render_template
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields
from webargs.flaskparser import FlaskParser

from shared.http import fields as our_fields
from shared.http.context import Installed
from shared.http.hardening import JSON_TYPES
from shared.http.spec_page import operations

PROBLEM = "application/problem+json"
_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
_INTRODUCTION = """Programs authenticate with `Authorization: Bearer <token>`; such requests ignore cookies.
Refusals are RFC 9457 problem documents: `type` names the rule, `errors` the fields, `request_id` the request.
Lists are `{items, next}`: pass `next` as `cursor` for the following page, at most 100 entries each.
Reading answers carry an `ETag`; `If-None-Match` gets 304. Send `Idempotency-Key` with a POST that you may repeat."""


class Problem(Schema):
    """An RFC 9457 problem document. A rejection adds the facts that it names."""

    type = fields.String(metadata={"description": "The rule that says no, or about:blank"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    request_id = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class _Parser(FlaskParser):
    """Read arguments strictly; faults travel to shared.http.problems as they are."""

    def _get_schema(self, argmap: Any, req: Request) -> Schema:
        """Each schema is made once: its fields with their sentences take longer to build than to use."""
        return _made(argmap) if isinstance(argmap, type) else super()._get_schema(argmap, req)

    def _raw_load_json(self, req: Request) -> Any:
        if req.mimetype not in JSON_TYPES or not req.content_length:
            return marshmallow.missing
        return req.get_json()

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Without `lang`, which every address understands."""
        arguments = req.args.copy()
        arguments.poplist("lang")
        return self._makeproxy(arguments, schema)

    def handle_error(self, error: marshmallow.ValidationError, *_args: Any, **_options: Any) -> NoReturn:
        """Raise the fault itself, without the name of the place where the field was found."""
        messages = error.messages
        raise marshmallow.ValidationError(next(iter(messages.values())) if isinstance(messages, dict) else messages)


@cache
def _made(schema: type[Schema]) -> Schema:
    return schema()


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A part of the API. Its arguments are read strictly."""

    ARGUMENTS_PARSER = _Parser()


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The service's API and its description."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Leave refusals to shared.http.problems."""

    def _openapi_json(self) -> flask.Response:
        body = json.dumps(self.description(), indent=2, sort_keys=False)
        return flask.Response(body, mimetype="application/json")

    def description(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return _completed(self.spec.to_dict())


def new_api(app: Flask, *, title: str, version: str = "1") -> Api:
    """Describe the API at /<service>/api/v1/openapi.json and show it at /<service>/api/docs."""
    parts: Installed = app.extensions["werktor"]
    app.config.update(OPENAPI_URL_PREFIX=f"{parts.prefix}/api/v1", OPENAPI_JSON_PATH="openapi.json")
    spec = {
        "title": title,
        "version": version,
        "openapi_version": "3.1.0",
        "info": {"description": _INTRODUCTION},
        "security": [{"bearer": []}, {}],
    }
    api = Api(app, spec_kwargs=spec)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for name in ("Line", "PersonName", "Text", "LocalDateTime", "Zone", "Language", "Country", "Slug"):
        api.register_field(getattr(our_fields, name), "string", None)
    api.register_field(our_fields.EmailAddress, "string", "email")
    api.register_field(our_fields.Moment, "string", "date-time")

    def show_api() -> ResponseReturnValue:
        document = api.description()
        return render_template("http/api_docs.html", document=document, operations=operations(document))

    app.add_url_rule(f"{parts.prefix}/api/docs", "api_docs", show_api)
    return api


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    """Every operation can answer with a problem, and problems have their own content type."""
    components = document.setdefault("components", {})
    components.setdefault("responses", {})["Problem"] = {
        "description": "A refusal",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    components.setdefault("schemas", {})["Problem"] = _problem_schema()
    for response in components["responses"].values():
        _as_problem(response)
    for path in document.get("paths", {}).values():
        for method in _METHODS & set(path):
            responses = path[method].setdefault("responses", {})
            responses["default"] = {"$ref": "#/components/responses/Problem"}
            for response in responses.values():
                _as_problem(response)
    return document


def _as_problem(response: dict[str, Any]) -> None:
    content = response.get("content", {})
    shown = content.get("application/json", {}).get("schema", {})
    if shown == {"$ref": "#/components/schemas/Problem"}:
        response["content"] = {PROBLEM: {"schema": shown}}


def _problem_schema() -> dict[str, Any]:
    sentences = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "required": ["title", "status"],
        "properties": {
            "type": {"type": "string", "description": "The rule that says no, or about:blank"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "request_id": {"type": "string"},
            "errors": {"type": "object", "additionalProperties": sentences},
        },
    }
