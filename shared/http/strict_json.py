"""JSON as RFC 8259 means it, without the inputs that turn into a server error further in."""

import json
import math
import re
from typing import Any

DEEPEST = 50
MOST_VALUES = 10_000
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class UnfitJson(ValueError):
    """The document is malformed, or well-formed and nothing an honest client sends."""


def loads(data: bytes | str) -> Any:
    """The value of a JSON document. Raises UnfitJson.

    Refused: not UTF-8, deeper than 50, more than 10 000 values, integers beyond 64 bit, NaN and infinities, keys
    given twice, NUL and lone surrogates in texts.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    _ensure_modest(raw)
    try:
        value = json.loads(
            raw.decode("utf-8"),
            parse_int=_whole,
            parse_float=_number,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except UnfitJson:
        raise
    except (ValueError, RecursionError):
        raise UnfitJson("not JSON") from None
    if b"\\u" in raw:
        _ensure_storable(value)
    return value


def _ensure_modest(raw: bytes) -> None:
    """What takes long to read takes longer to check: a fault found in each of 100 000 entries costs ten seconds."""
    depth, without_texts = 0, _STRING.sub(b"", raw)
    if without_texts.count(b",") >= MOST_VALUES:
        raise UnfitJson("too many values")
    for bracket in _BRACKET.finditer(without_texts):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > DEEPEST:
            raise UnfitJson("too deep")


def _whole(literal: str) -> int:
    if len(literal.lstrip("-")) > 19 or not -(2**63) <= int(literal) < 2**63:
        raise UnfitJson("number too large")
    return int(literal)


def _number(literal: str) -> float:
    number = float(literal) if len(literal) <= 100 else math.inf
    if not math.isfinite(number):
        raise UnfitJson("number too large")
    return number


def _constant(_literal: str) -> Any:
    raise UnfitJson("not a JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnfitJson("key given twice")
    return found


def _ensure_storable(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise UnfitJson("text cannot be stored")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _ensure_storable(key)
            _ensure_storable(inner)
    elif isinstance(value, list):
        for inner in value:
            _ensure_storable(inner)
