"""Cookies whose names and flags follow the public address: __Host- and Secure exactly when readers come by https."""

from datetime import timedelta

from flask import Response, request

from shared.http.context import installed
from shared.settings import CommonSettings


def cookie_name(name: str, common: CommonSettings | None = None) -> str:
    """The name as the browser knows it: `at`, or `__Host-at` on https."""
    common = common or installed().common
    return f"__Host-{name}" if common.secure else name


def read_cookie(name: str) -> str | None:
    """The cookie of this request, None where there is none."""
    return request.cookies.get(cookie_name(name))


def set_cookie(response: Response, name: str, value: str, *, lifetime: timedelta | None = None) -> None:
    """Keep a value in the browser: HttpOnly, SameSite=Lax. Without lifetime it ends with the browser."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=None if lifetime is None else int(lifetime.total_seconds()),
        path="/",
        secure=installed().common.secure,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: Response, name: str) -> None:
    """Forget a value in the browser."""
    response.delete_cookie(cookie_name(name), path="/", secure=installed().common.secure, httponly=True, samesite="Lax")
