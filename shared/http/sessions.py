"""Flask's signed session cookie (tokens of forms, notices), which costs nothing where there is none."""

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class SessionCookie(SecureCookieSessionInterface):
    """As Flask's; but a request without the cookie makes no signer, and an untouched session writes nothing."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the browser brought, or an empty session."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send it back if it was changed."""
        if session.modified or session.permanent:
            super().save_session(app, session, response)
        elif session.accessed and "Cookie" not in response.headers.get("Vary", ""):
            response.vary.add("Cookie")
