"""The latest public pages of one process, with what they depend on; bounded in number and bytes, for many threads."""

from collections import OrderedDict
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from threading import Lock
from time import monotonic
from uuid import UUID

TRUSTED = 0.2  # seconds: news of free places take longer to arrive, and nobody sees the difference
MOST_PAGES = 500
MOST_BYTES = 8 * 1024 * 1024
_LOCKS = 64


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A page and what it depends on: the catalogue's version, free places of events (None: of all), a moment."""

    html: str
    status: int = 200
    version: int | None = None  # None: nobody counts changes, so the page is not kept
    event_ids: Collection[UUID] | None = ()
    places: int = 0
    until: datetime | None = None


class Page:
    """A drawn page as it is sent. `asked` is when the database last said that it holds (or it was begun)."""

    __slots__ = ("__weakref__", "asked", "content", "drawn", "drawn_at", "tag")

    def __init__(self, drawn: Drawn, *, drawn_at: datetime, asked: float) -> None:
        self.drawn, self.drawn_at, self.asked = drawn, drawn_at, asked
        self.content = drawn.html.encode()
        self.tag = f'"{sha256(self.content).hexdigest()[:32]}"'

    def holds_at(self, now: datetime) -> bool:
        """Whether time alone has not made it untrue; a clock that was put back does as well."""
        return self.drawn_at <= now and (self.drawn.until is None or now < self.drawn.until)


class KeptPages:
    """The pages by address; those that nobody asked for longest go first."""

    def __init__(self, *, trusted: float = TRUSTED, most_pages: int = MOST_PAGES, most_bytes: int = MOST_BYTES) -> None:
        self.trusted, self._most_pages, self._most_bytes = trusted, most_pages, most_bytes
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._bytes = 0
        self._doubted = monotonic()
        self._lock = Lock()
        self._drawing = [Lock() for _ in range(_LOCKS)]

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, key: Hashable) -> Page | None:
        """The page under this address, whether it still holds or not."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def keep(self, key: Hashable, page: Page) -> None:
        """Remember it instead of what was there; forget others if it gets too much."""
        with self._lock:
            self._remove(key)
            if len(page.content) <= self._most_bytes // 4:
                self._pages[key] = page
                self._bytes += len(page.content)
            while len(self._pages) > self._most_pages or self._bytes > self._most_bytes:
                self._remove(next(iter(self._pages)))

    def doubt(self) -> None:
        """This process committed something: the database is asked before any page is sent again."""
        self._doubted = monotonic()

    def is_trusted(self, page: Page, now: datetime) -> bool:
        """Whether the page may be sent without asking the database."""
        return page.asked > self._doubted and monotonic() - page.asked < self.trusted and page.holds_at(now)

    def turn(self, key: Hashable) -> Lock:
        """Held by the one who asks and draws: others wait for the page instead of drawing it too."""
        return self._drawing[hash(key) % _LOCKS]

    def _remove(self, key: Hashable) -> None:
        gone = self._pages.pop(key, None)
        if gone is not None:
            self._bytes -= len(gone.content)
