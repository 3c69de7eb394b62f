"""One origin for several WSGI applications: the first path part decides, as the proxy does in production."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class FrontDoor:
    """A WSGI application over others; what nobody is named for goes to the fallback, which says 404 kindly."""

    def __init__(self, rooms: Mapping[str, "WSGIApplication"], *, fallback: str, start: str) -> None:
        self._rooms = rooms
        self._fallback = rooms[fallback]
        self._start = start

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer by the room that the first path part names; the bare origin leads to the start page."""
        path = environ.get("PATH_INFO", "")
        if path in {"", "/"} and environ.get("REQUEST_METHOD") in {"GET", "HEAD"}:
            start_response("303 See Other", [("Location", self._start), ("Content-Length", "0")])
            return [b""]
        first = path.split("/", 2)[1] if path.startswith("/") and len(path) > 1 else ""
        room = self._rooms.get(first) or self._rooms.get(first.lower(), self._fallback)
        return room(environ, start_response)
