"""An OpenAPI document as a list that a template can show."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Row:
    """One parameter or one field of a body."""

    name: str
    place: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    tag: str
    summary: str
    description: str
    asked: list[Row]
    answers: list[tuple[str, str, str]]  # status, description, type


def operations(document: dict[str, Any]) -> list[Operation]:
    """Every operation, in the order of the document."""
    return list(_operations(document))


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document.get("paths", {}).items():
        for method in _METHODS:
            if method in methods:
                yield _operation(document, path, method, methods)


def _operation(document: dict[str, Any], path: str, method: str, methods: dict[str, Any]) -> Operation:
    found = methods[method]
    parameters = [_at(document, one) for one in [*methods.get("parameters", []), *found.get("parameters", [])]]
    return Operation(
        method=method.upper(),
        path=path,
        tag=next(iter(found.get("tags", [])), ""),
        summary=found.get("summary", ""),
        description=found.get("description", ""),
        asked=[*(_parameter(document, one) for one in parameters), *_body(document, found)],
        answers=[_answer(document, status, _at(document, one)) for status, one in found.get("responses", {}).items()],
    )


def _parameter(document: dict[str, Any], found: dict[str, Any]) -> Row:
    kind = _type(document, found.get("schema", {}))
    return Row(found["name"], found["in"], kind, bool(found.get("required")), found.get("description", ""))


def _body(document: dict[str, Any], found: dict[str, Any]) -> Iterator[Row]:
    for media in found.get("requestBody", {}).get("content", {}).values():
        schema = _at(document, media.get("schema", {}))
        for name, field in schema.get("properties", {}).items():
            is_required = name in schema.get("required", [])
            yield Row(name, "body", _type(document, field), is_required, _at(document, field).get("description", ""))


def _answer(document: dict[str, Any], status: str, found: dict[str, Any]) -> tuple[str, str, str]:
    kinds = [_type(document, media.get("schema", {})) for media in found.get("content", {}).values()]
    return status, found.get("description", ""), ", ".join(kinds)


def _at(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """What a $ref points to."""
    reference = found.get("$ref")
    if not reference:
        return found
    for part in reference.removeprefix("#/").split("/"):
        document = document.get(part, {})
    return document


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(document, schema.get('items', {}))}"
    kinds = schema.get("type", "any")
    kind = " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{kind} ({schema['format']})" if "format" in schema else kind
