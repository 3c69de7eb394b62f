"""What can be chosen in the forms about tours, in the reader's words."""

from services.events.domain.events import GERMAN_LEVELS
from services.events.web.offer_words import SAFETY, minutes
from shared.errors import N_
from shared.http.locale import _, choices, country_name, language_name

Options = list[tuple[str, str]]

SPOKEN = ("de", "en", "ar", "uk", "ru", "tr", "fa", "fr", "es", "pl")
_COUNTRIES = ("DE", "AT", "CH", "LU", "FR", "NL", "BE", "PL", "CZ", "DK")
_MINUTES = (60, 90, 120, 150, 180, 240)
_LEVELS = {"": N_("No German needed"), "A1": N_("A1 – a few words"), "A2": N_("A2 – simple sentences")}
_LEVELS |= {"B1": N_("B1 – everyday talk"), "B2": N_("B2 – talk about work"), "C1": N_("C1 – fluent")}


def spoken(chosen: list[str]) -> Options:
    """The usual languages, and whatever else was chosen."""
    codes = dict.fromkeys((*SPOKEN, *chosen))
    return [(code, language_name(code)) for code in codes]


def written() -> Options:
    """The languages in which texts are written: those of the product."""
    return [(each.code, each.name) for each in choices()]


def levels() -> Options:
    """How much German visitors need."""
    return [(level, _(_LEVELS[level])) for level in GERMAN_LEVELS if level in _LEVELS]


def durations(chosen: str) -> Options:
    """The usual lengths, and whatever else was chosen."""
    counts = sorted({*_MINUTES, *([int(chosen)] if str(chosen).isdigit() else [])})
    return [(str(count), minutes(count)) for count in counts]


def countries(chosen: str) -> Options:
    """The neighbours, and whatever else was chosen."""
    return [(code, country_name(code)) for code in dict.fromkeys((*_COUNTRIES, *([chosen] if chosen else [])))]


def safety() -> Options:
    """What visitors must mind."""
    return [(key, _(text)) for key, text in SAFETY.items()]
