"""What people agree to: one purpose each, in numbered words, never ticked for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.contracts.events import EventSnapshot
from shared.errors import N_, InvalidInput

PRIVACY = "privacy"
SHARING = "share_with_company"


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """`version` names the wording; it changes whenever the sentence does."""

    name: str
    version: str
    sentence: str
    required: bool = False


PURPOSES = (
    Purpose(
        name=PRIVACY, version="2026-11", required=True, sentence=N_("I have read how my data is used for this event.")
    ),
    Purpose(
        name="photo",
        version="2026-11",
        sentence=N_("Photos and videos that show me may be published in reports about this event."),
    ),
    Purpose(
        name=SHARING,
        version="2026-11",
        sentence=N_("My name and e-mail address may be given to the host company %(company)s."),
    ),
    Purpose(
        name="newsletter",
        version="2026-11",
        sentence=N_("%(organiser)s may send me news about further events by e-mail."),
    ),
)
NAMES = tuple(each.name for each in PURPOSES)


def offered(event: EventSnapshot) -> tuple[Purpose, ...]:
    """Those that make sense for the event: nothing to share where there is no company."""
    return tuple(each for each in PURPOSES if each.name != SHARING or event.host is not None)


def given(event: EventSnapshot, agreed: Iterable[str]) -> tuple[Purpose, ...]:
    """Those to be recorded. Raises InvalidInput without the required one."""
    chosen = set(agreed)
    missing = [each.name for each in PURPOSES if each.required and each.name not in chosen]
    if missing:
        raise InvalidInput({f"consents.{name}": [N_("Please confirm that you have read this.")] for name in missing})
    return tuple(each for each in offered(event) if each.name in chosen)
