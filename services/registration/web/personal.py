"""Pages that are one person's alone: kept by no cache, found by no search engine."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import make_response

View = TypeVar("View", bound=Callable[..., Any])


def personal(view: View) -> View:
    """Mark the answers of a view."""

    @wraps(view)
    def marked(*args: Any, **kwargs: Any) -> Any:
        response = make_response(view(*args, **kwargs))
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return cast("View", marked)
