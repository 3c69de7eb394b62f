"""Readable addresses for events."""

import re
import unicodedata

LONGEST = 60
_SPELLED_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe", "å": "aa", "ł": "l", "ı": "i"}
)
# Words that are addresses already, here or in registration, which has the same slugs.
RESERVED = frozenset(
    {
        *("account", "admin", "api", "calendar", "company", "healthz", "manage", "new", "readyz", "shared", "static"),
        *("check-in", "confirm", "events", "my", "notifications", "registration", "t"),
    }
)


def slug_of(title: str, *, fallback: str, mark: str) -> str:
    """The title in ASCII letters, digits and hyphens; titles without Latin letters get `fallback-mark`."""
    slug = _in_ascii(title)
    if len(slug) < 3:
        return f"{_in_ascii(fallback)}-{mark}"
    return f"{slug}-{mark}" if slug in RESERVED else slug


def with_mark(slug: str, mark: str) -> str:
    """The same slug, told apart from another event's."""
    return f"{slug[: LONGEST - len(mark) - 1].rstrip('-')}-{mark}"


def _in_ascii(text: str) -> str:
    spelled = unicodedata.normalize("NFC", text).lower().translate(_SPELLED_OUT)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode("ascii")
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(words) <= LONGEST:
        return words
    return words[: LONGEST + 1].rpartition("-")[0] or words[:LONGEST]
