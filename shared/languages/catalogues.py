"""Catalogues of sentences in every language of the product.

catalogues = Catalogues(SHARED, Path(__file__).parent / "translations")
catalogues.gettext("de", "Hello %(name)s", name="Olena")
speaker = catalogues.speaker("ar")          # .gettext, .ngettext, .locale, .direction
in_language({"de": "Werksführung", "en": "Plant tour"}, "ar")   # -> Localised(text, language, direction)
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from gettext import c2py
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

SOURCE = "en"
SHARED = Path(__file__).parents[1] / "translations"
_FALLBACKS = ("de", "en")


@dataclass(frozen=True)
class Localised:
    """A text in the language that could be had; templates set lang= and dir= when it is not the page's."""

    text: str
    language: str

    @property
    def direction(self) -> str:
        """The text's own direction, ltr or rtl."""
        return direction(self.language)

    def __str__(self) -> str:
        return self.text


class Language(NamedTuple):
    """A language to choose, under the name its speakers use."""

    code: str
    name: str

    @property
    def direction(self) -> str:
        """ltr or rtl."""
        return direction(self.code)


@dataclass(frozen=True)
class _Sentences:
    texts: dict[str, tuple[str, ...]]
    plural: Callable[[int], int]


class Catalogues:
    """The sentences of the given translations/ directories, earlier ones first. English is the source."""

    def __init__(self, *directories: Path) -> None:
        self._directories = directories
        self._by_locale: dict[str, tuple[_Sentences, ...]] = {}  # read once: a page asks hundreds of times

    @cached_property
    def available(self) -> tuple[str, ...]:
        """The languages there is a catalogue for, English first."""
        found = {path.parts[-3] for folder in self._directories for path in folder.glob("*/LC_MESSAGES/messages.po")}
        return (SOURCE, *sorted(found - {SOURCE}))

    @cached_property
    def languages(self) -> list[Language]:
        """What a reader may choose from."""
        return [Language(code, _autonym(code)) for code in self.available]

    def gettext(self, locale: str, message: str, /, **facts: Any) -> str:
        """The sentence in the language, English where there is none. Facts fill %(name)s."""
        found = self._look_up(locale, message)
        text = found[0] if found else message
        return text % facts if facts else text

    def ngettext(self, locale: str, one: str, many: str, number: int, /, **facts: Any) -> str:
        """The sentence for this number; %(num)s is the number itself."""
        return self.pattern(locale, one, many, number) % {"num": number, **facts}

    def pattern(self, locale: str, one: str, many: str, number: int) -> str:
        """The sentence for this number with its %(name)s still to be filled, as Jinja wants it."""
        found = self._look_up(locale, one)
        if found and len(found) > 1:
            return found[min(self._plural(locale, one)(abs(number)), len(found) - 1)]
        return one if number == 1 else many

    def speaker(self, locale: str) -> "Speaker":
        """The same, bound to one language: for a mail or a calendar entry."""
        return Speaker(self, locale)

    def _look_up(self, locale: str, message: str) -> tuple[str, ...] | None:
        for sentences in self._of(locale):
            if found := sentences.texts.get(message):
                return found
        return None

    def _plural(self, locale: str, message: str) -> Callable[[int], int]:
        return next(one.plural for one in self._of(locale) if message in one.texts)

    def _of(self, locale: str) -> tuple[_Sentences, ...]:
        if locale == SOURCE or locale not in self.available:
            return ()
        if locale not in self._by_locale:
            files = (folder / locale / "LC_MESSAGES" / "messages.po" for folder in self._directories)
            self._by_locale[locale] = tuple(_read(path) for path in files if path.is_file())
        return self._by_locale[locale]


@dataclass(frozen=True)
class Speaker:
    """Catalogues bound to one language."""

    catalogues: Catalogues
    locale: str

    @property
    def direction(self) -> str:
        """ltr or rtl."""
        return direction(self.locale)

    def gettext(self, message: str, /, **facts: Any) -> str:
        """The sentence in this language."""
        return self.catalogues.gettext(self.locale, message, **facts)

    def ngettext(self, one: str, many: str, number: int, /, **facts: Any) -> str:
        """The sentence for this number in this language."""
        return self.catalogues.ngettext(self.locale, one, many, number, **facts)


@lru_cache(maxsize=256)
def direction(locale: str) -> str:
    """ltr or rtl; ltr for what nobody knows."""
    known = known_locale(locale)
    return known.text_direction if known else "ltr"


def in_language(texts: Mapping[str, str], locale: str) -> Localised:
    """The text in the reader's language, else German, else English, else the first there is."""
    for wanted in (locale, locale.partition("_")[0], *_FALLBACKS, *texts):
        if texts.get(wanted):
            return Localised(texts[wanted], wanted)
    return Localised("", locale)


def negotiate(requested: str | None, accepted: Iterable[str], available: Iterable[str], default: str) -> str:
    """What to speak: the reader's choice if we speak it, else the best of what the browser asks for.

    `accepted` are language tags by preference, as in request.accept_languages.values().
    """
    names = list(available)
    if requested in names:
        return str(requested)
    wishes = [tag.replace("-", "_") for tag in accepted if len(tag) <= 35]
    try:
        found = negotiate_locale(wishes[:20], names, sep="_")
    except ValueError:
        found = None
    return found or default


def _read(path: Path) -> _Sentences:
    return _parse(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _parse(path: Path, _modified: int) -> _Sentences:
    with path.open("rb") as file:
        catalogue: Catalog = read_po(file, locale=path.parts[-3])
    texts = {}
    for message in catalogue:
        if message.id and message.string and not message.fuzzy:
            key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            text = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
            if all(text):
                texts[key] = tuple(text)
    return _Sentences(texts, c2py(catalogue.plural_expr))


@lru_cache(maxsize=256)
def known_locale(locale: str) -> Locale | None:
    """Babel's knowledge of a language, None for what it does not know."""
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return None


def _autonym(code: str) -> str:
    known = known_locale(code)
    name = known.get_display_name() if known else code
    return str(name or code)
