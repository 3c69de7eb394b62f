"""Lists in pages and answers that are only sent when they changed.

class Query(PageWish): ...                                 # limit (1 to 100), cursor
rows = find_events(session, after=query["cursor"], limit=query["limit"] + 1)
return page(rows, query["limit"], key=lambda row: [row.starts_at.isoformat(), str(row.id)])    # {items, next}
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from flask import Response, request
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import BadRequest, PreconditionFailed, PreconditionRequired

from shared.errors import N_
from shared.http import strict_json
from shared.http.fields import Whole, Wish

Item = TypeVar("Item")
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,100}")


class Cursor(fields.String):
    """Where the next page begins; loads to the list of texts that `page` was given."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        try:
            parts = strict_json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
        except (ValueError, binascii.Error):
            parts = None
        is_list = isinstance(parts, list) and bool(parts) and all(isinstance(one, str) for one in parts)
        if len(text) > 500 or not is_list:
            raise ValidationError(N_("This cursor is not one of ours."))
        return parts


class PageWish(Wish):
    """The query of every list."""

    limit = Whole(least=1, most=100, load_default=50, metadata={"description": "Entries per page, at most 100"})
    cursor = Cursor(
        load_default=None,
        metadata={"description": "`next` of the page before", "pattern": "^[A-Za-z0-9_-]{1,500}$"},
    )


def page_schema(item: type[Schema]) -> type[Schema]:
    """The schema of a page of such items, for @blueprint.response(200, page_schema(EventSchema))."""
    members = {"items": fields.List(fields.Nested(item)), "next": fields.String(allow_none=True)}
    return type(f"{item.__name__.removesuffix('Schema')}Page", (Schema,), members)


def page(rows: Sequence[Item], limit: int, *, key: Callable[[Item], list[str]]) -> dict[str, Any]:
    """One page of rows, of which one more than `limit` was fetched to see whether there are more."""
    shown = list(rows[:limit])
    return {"items": shown, "next": next_cursor(key(shown[-1])) if len(rows) > limit else None}


def next_cursor(parts: list[str]) -> str:
    """The opaque text for a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def etag(*parts: object) -> str:
    """A tag for what these parts (id, version, language …) determine."""
    return sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:32]


def conditional(response: Response, tag: str) -> Response:
    """304 without a body when the reader has it already (If-None-Match)."""
    response.set_etag(tag)
    response.headers.setdefault("Cache-Control", "no-cache")
    response.make_conditional(request)
    return response


def ensure_unchanged(tag: str, *, required: bool = False) -> None:
    """412 when somebody else changed the thing since the asker read it (If-Match); 428 when she must say."""
    if "If-Match" not in request.headers:
        if required:
            raise PreconditionRequired
        return
    if not request.if_match.contains(tag):
        raise PreconditionFailed


def idempotency_key() -> str | None:
    """The Idempotency-Key of this request; the use case stores it with its effect and answers a repetition alike."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise BadRequest
    return key
