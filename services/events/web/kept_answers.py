"""In front of the application: who asks in just the same words for a page that still holds gets just the same answer.

Everything that the application looks at before it answers so (method, target, host, scheme, language, cookies) makes
up the words; whatever else could change the answer (a session, a token, a body, an unusual precondition) goes the
usual way. The answer is the application's own, with a new X-Request-Id.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any
from weakref import ref

from services.events.web.kept_pages import KeptPages, Page
from shared import clock
from shared.telemetry import new_request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT = "werktor.kept_page"  # where the view puts the page that it answered with
MOST = 500
_LONGEST = 1000
_OWN_WAY = ("HTTP_AUTHORIZATION", "HTTP_TRANSFER_ENCODING", "CONTENT_LENGTH", "HTTP_RANGE", "HTTP_IF_MATCH")
_REQUEST_ID = "X-Request-Id"
Words = tuple[str, ...]
Observe = Callable[[float], None]


@dataclass(frozen=True, kw_only=True)
class _Answer:
    page: "ref[Page]"  # what is forgotten there is not kept alive here
    status: str
    headers: tuple[tuple[str, str], ...]
    observe: Observe


class KeptAnswers:
    """WSGI middleware. `observer` gives what to tell how long an answer took, by its method and environment."""

    def __init__(
        self,
        app: "WSGIApplication",
        kept: KeptPages,
        *,
        language_cookie: str,
        observer: Callable[["WSGIEnvironment", str], Observe],
    ) -> None:
        self._app, self._kept, self._observer = app, kept, observer
        self._cookie = f"{language_cookie}="
        self._answers: dict[Words, _Answer] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The kept answer, or the application's, which is kept if it may be."""
        begun = perf_counter()
        words = self._words(environ)
        if words is None:
            return self._app(environ, start_response)
        known = self._answers.get(words)
        page = known.page() if known is not None else None
        if known is None or page is None or not self._is_asked_for(known, page, environ):
            return self._app(environ, self._learning(words, environ, start_response))
        start_response(known.status, [*known.headers, (_REQUEST_ID, new_request_id())])
        known.observe(perf_counter() - begun)
        return [page.content] if known.status.startswith("200") and words[0] == "GET" else []

    def _is_asked_for(self, known: _Answer, page: Page, environ: "WSGIEnvironment") -> bool:
        """The kept 304 answers exactly the page's tag, the kept page only those who tell none."""
        told = page.tag if known.status.startswith("304") else None
        return environ.get("HTTP_IF_NONE_MATCH") == told and self._kept.is_trusted(page, clock.now())

    def _words(self, environ: "WSGIEnvironment") -> Words | None:
        method, target = environ["REQUEST_METHOD"], environ.get("RAW_URI", "")
        cookie = environ.get("HTTP_COOKIE", "")
        if method not in {"GET", "HEAD"} or not target.startswith("/") or any(environ.get(name) for name in _OWN_WAY):
            return None
        if cookie and (not cookie.startswith(self._cookie) or ";" in cookie):
            return None
        words = (
            method,
            target,
            environ["PATH_INFO"],
            environ.get("HTTP_HOST", ""),
            environ["wsgi.url_scheme"],
            environ.get("HTTP_X_FORWARDED_PROTO", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
            cookie,
            "known" if "HTTP_IF_NONE_MATCH" in environ else "",
        )
        return words if sum(map(len, words)) <= _LONGEST else None

    def _learning(self, words: Words, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            page = environ.get(KEPT)
            if page is not None and exc_info is None and self._is_ordinary(words, page, status, environ):
                self._learn(words, environ, page, status, headers)
            return start_response(status, headers, exc_info)

        return start

    def _is_ordinary(self, words: Words, page: Page, status: str, environ: "WSGIEnvironment") -> bool:
        """A whole page for who told no tag, or 304 for exactly this one's."""
        if not words[-1]:
            return status.startswith("200")
        return status.startswith("304") and environ["HTTP_IF_NONE_MATCH"] == page.tag

    def _learn(
        self, words: Words, environ: "WSGIEnvironment", page: Page, status: str, headers: list[tuple[str, str]]
    ) -> None:
        if any(name.lower() == "set-cookie" for name, _ in headers):
            return
        if len(self._answers) >= MOST:
            self._answers = {}
        self._answers[words] = _Answer(
            page=ref(page),
            status=status,
            headers=tuple(pair for pair in headers if pair[0] != _REQUEST_ID),
            observe=self._observer(environ, status),
        )
