"""If-Match on events: the version counts, not the number of free places."""

from flask import request
from werkzeug.exceptions import PreconditionFailed

from services.events.storage.tables import Event


def ensure_version(event: Event) -> None:
    """Raises PreconditionFailed (412) when the asker has read another version."""
    asked = request.if_match
    if "If-Match" not in request.headers or asked.star_tag:
        return
    if not any(tag.startswith(f"v{event.version}-") for tag in asked.as_set(include_weak=True)):
        raise PreconditionFailed
