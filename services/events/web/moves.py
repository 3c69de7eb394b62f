"""Where a page sends its reader next, and what our addresses begin with."""

from flask import Response, make_response, redirect

from shared.http.context import installed


def see_other(path: str) -> Response:
    """After a post: the page that shows what came of it."""
    return make_response(redirect(path, 303))


def base_url() -> str:
    """What addresses in mails begin with."""
    return installed().common.public_base_url
