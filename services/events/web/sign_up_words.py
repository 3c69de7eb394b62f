"""How an event gives its places, in the reader's words: the choices of the form and the sentences of the event page."""

from collections.abc import Iterator

from services.events.domain.sign_up_rules import PRIORITIES, SELECTIONS, decides_at
from services.events.storage.event_rows import rules_of
from services.events.storage.tables import Event
from services.events.web.offer_choices import Options
from shared.contracts.events import SignUpRules
from shared.errors import N_
from shared.http.audiences import AUDIENCES
from shared.http.locale import _, enumeration, format_datetime, ngettext

_SELECTIONS = {
    "first_come": (N_("First come, first served"), N_("Whoever signs up first has a place.")),
    "approval": (N_("You choose"), N_("People apply, and you say yes or no to each.")),
    "lottery": (N_("By lot"), N_("All who apply in time have the same chance. Anybody can recompute the draw.")),
    "priority": (N_("Some come first"), N_("Places go to those you name below, then by time.")),
}
_PRIORITIES = {
    "first_time": N_("Who was at none of your events before"),
    "field_of_study": N_("Who studies or learned one of the subjects named above"),
    "target_group": N_("Who belongs to one of these groups"),
}
_FIRST = {
    "first_time": N_("people who come to one of our events for the first time"),
    "field_of_study": N_("people whose subject fits"),
}


def selections() -> list[tuple[str, str, str]]:
    """The ways to give places, each with a word of explanation."""
    return [(key, _(_SELECTIONS[key][0]), _(_SELECTIONS[key][1])) for key in SELECTIONS]


def priorities() -> Options:
    """Who may come first."""
    return [(key, _(_PRIORITIES[key])) for key in PRIORITIES]


def audiences() -> Options:
    """The target groups."""
    return [(key, _(name)) for key, name in AUDIENCES.items()]


def told(event: Event, zone: str | None) -> list[str]:
    """The rules of an event as its page prints them, a sentence each."""
    return list(_sentences(rules_of(event), event, zone))


def _sentences(rules: SignUpRules, event: Event, zone: str | None) -> Iterator[str]:
    if rules.by_invitation:
        yield _("By invitation: you need a personal link to sign up.")
    yield from _selection(rules, event, zone)
    if rules.offer_hours:
        yield ngettext(
            "A place that comes free is offered to the first who waits, who has %(num)s hour to take it.",
            "A place that comes free is offered to the first who waits, who has %(num)s hours to take it.",
            rules.offer_hours,
        )
    else:
        yield _("A place that comes free goes to the first who waits, at once.")
    if rules.answer_days:
        yield _asked(rules)
    if rules.hand_over:
        yield _("You may hand your place to a friend.")


def _selection(rules: SignUpRules, event: Event, zone: str | None) -> Iterator[str]:
    moment = decides_at(rules, event.sign_up_closes_at)
    shown = format_datetime(moment, zone) if moment else ""
    if rules.selection == "approval":
        yield _("The organiser chooses from those who apply and tells everybody.")
    elif rules.selection == "lottery":
        yield _("Places are drawn by lot on %(moment)s. Applying early gives no advantage.", moment=shown)
    elif rules.selection == "priority":
        first = enumeration([_first(each, rules) for each in rules.priorities])
        yield _("Places are given on %(moment)s: first to %(groups)s, then by time.", moment=shown, groups=first)
    else:
        yield _("First come, first served. Whoever comes later waits in line and moves up by herself.")


def _first(priority: str, rules: SignUpRules) -> str:
    groups = enumeration([_(AUDIENCES[each]) for each in rules.audiences if each in AUDIENCES])
    return groups if priority == "target_group" else _(_FIRST[priority])


def _asked(rules: SignUpRules) -> str:
    asked = ngettext(
        "%(num)s day before you are asked whether you come.",
        "%(num)s days before you are asked whether you come.",
        rules.answer_days,
    )
    freed = _("Without an answer the place goes to somebody else, after a warning.")
    return f"{asked} {freed}" if rules.answer_frees else asked
