"""Who may do what: one function decides, every door asks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from shared.errors import NotFound, NotPermitted, NotSignedIn


class Role(StrEnum):
    """What a person is within an organisation, from most to least."""

    ADMIN = "admin"
    ORGANISER = "organiser"
    HELPER = "helper"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who is asking. An anonymous actor has no id."""

    id: UUID | None = None
    kind: str = "anonymous"  # anonymous | account | token | device
    email: str = ""
    name: str = ""
    is_admin: bool = False  # runs the installation
    organisations: Mapping[UUID, Role] = field(default_factory=lambda: MappingProxyType({}))
    companies: frozenset[UUID] = frozenset()
    event_id: UUID | None = None  # a paired phone: this event's door and nothing else

    @property
    def is_known(self) -> bool:
        """Whether somebody is signed in, by whatever means."""
        return self.kind != "anonymous"


ANONYMOUS = Actor()


@dataclass(frozen=True, kw_only=True)
class Scope:
    """To whom an object belongs."""

    organisation_id: UUID | None = None
    company_id: UUID | None = None
    event_id: UUID | None = None


_BY_ROLE: dict[Role, frozenset[str]] = {
    Role.HELPER: frozenset({"see_door", "check_in"}),
    Role.ORGANISER: frozenset(
        {
            "see_door",
            "check_in",
            "see_event",
            "create_event",
            "change_event",
            "publish_event",
            "cancel_event",
            "review_offer",
            "see_registrations",
            "see_guests",
            "change_registration",
            "export",
            "pair_device",
            "see_mails",
            "read_sensitive_answers",
        }
    ),
}
_BY_ROLE[Role.ADMIN] = _BY_ROLE[Role.ORGANISER] | {
    "manage_members",
    "manage_tokens",
    "manage_webhooks",
    "change_organisation",
}
_COMPANY = frozenset({"see_offer", "change_offer", "offer_tour", "see_guests", "add_guest", "exchange_contacts"})
_DEVICE = frozenset({"see_door", "check_in"})
_IN_PERSON = frozenset({"read_sensitive_answers"})  # people who are signed in: no token that lives for months


def may(actor: Actor, action: str, scope: Scope) -> bool:
    """Whether the actor may do the action on something that belongs to the scope."""
    if action in _IN_PERSON and actor.kind != "account":
        return False
    if actor.is_admin:
        return True
    if scope.company_id in actor.companies and action in _COMPANY:
        return True
    if actor.event_id is not None and actor.event_id == scope.event_id:
        return action in _DEVICE
    role = actor.organisations.get(scope.organisation_id) if scope.organisation_id else None
    return role is not None and action in _BY_ROLE[role]


def ensure(actor: Actor, action: str, scope: Scope) -> None:
    """Let the action pass or reject it.

    Raises NotSignedIn when nobody is asking, NotFound when the object is foreign (its existence is nobody
    else's business), NotPermitted when it is the actor's own but her role is too small.
    """
    if not actor.is_known:
        raise NotSignedIn
    if may(actor, action, scope):
        return
    if _is_own(actor, scope):
        raise NotPermitted
    raise NotFound


def _is_own(actor: Actor, scope: Scope) -> bool:
    return (
        scope.organisation_id in actor.organisations
        or scope.company_id in actor.companies
        or (actor.event_id is not None and actor.event_id == scope.event_id)
    )
