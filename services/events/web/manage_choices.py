"""What can be chosen in the back office's forms, in the reader's words."""

from services.events.domain.events import QUOTA_KINDS
from services.events.web.offer_choices import Options, countries, levels, safety, spoken
from services.events.web.sign_up_words import audiences, priorities, selections
from shared.errors import N_
from shared.http.locale import _, choices, current_locale, zone_name, zone_town

__all__ = ["countries", "held", "kinds", "languages", "levels", "ordered", "quota_choices", "safety", "sessions"]
__all__ += ["audiences", "priorities", "selections", "spoken", "zones"]

_ZONES = ("Europe/Berlin", "Europe/Zurich", "Europe/Vienna", "Europe/Paris", "Europe/Lisbon", "Europe/Kyiv", "UTC")
_KINDS = {
    "event": N_("Whole event"),
    "group": N_("Group"),
    "slot": N_("Slot"),
    "stakeholder": N_("Stakeholder group"),
    "session": N_("Session"),
}
_HELD = {"place": N_("At a place"), "online": N_("Online"), "both": N_("At a place and online")}
_CHOICES = {
    "one": N_("One of them"),
    "any": N_("As many as one likes"),
}


def kinds() -> Options:
    """What the places are for."""
    return [(kind, _(_KINDS[kind])) for kind in QUOTA_KINDS]


def held() -> Options:
    """Where people meet."""
    return [(key, _(text)) for key, text in _HELD.items()]


def quota_choices() -> Options:
    """How many of the quotas one person may take."""
    return [(key, _(text)) for key, text in _CHOICES.items()]


def zones(chosen: str) -> Options:
    """The usual zones, and whatever else was chosen."""
    return [(zone, _zone(zone)) for zone in dict.fromkeys((*_ZONES, *([chosen] if chosen else [])))]


def _zone(zone: str) -> str:
    """With the town: several of the usual zones have one name."""
    name, town = zone_name(zone), zone_town(zone)
    return name if zone == "UTC" or town in name else f"{town} – {name}"


def sessions(numbers: list[int]) -> Options:
    """Which of the sessions."""
    return [("", _("All sessions")), *((str(each), _("Session %(number)s", number=each + 1)) for each in numbers)]


def languages(chosen: str) -> Options:
    """Of one group: any, or one of the usual."""
    return [("", _("Any language")), *spoken([chosen] if chosen else [])]


def ordered(written: list[str]) -> list[tuple[str, str, str]]:
    """(code, name, direction) of the languages to write in: the reader's own first, then the product's others."""
    known = {each.code: each for each in choices()}
    first = [current_locale(), "de", "en"]
    codes = [code for code in dict.fromkeys((*first, *written, *known)) if code in known]
    return [(code, known[code].name, known[code].direction) for code in codes]
