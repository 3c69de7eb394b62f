"""Invitations as forms and JSON."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.registration.domain.addresses import address, no_address
from services.registration.domain.consents import NAMES
from services.registration.domain.hand_overs import Friend
from services.registration.domain.invitations import MOST_AT_ONCE, InvitationState, InvitationWish, Invitee
from services.registration.domain.registrations import SignUpWish
from services.registration.schemas.sign_up import AnswersForm, TickedConsents
from services.registration.storage.tables import Invitation
from shared.errors import N_
from shared.http.fields import (
    Boolean,
    Choice,
    EmailAddress,
    Id,
    Language,
    LocalDateTime,
    Many,
    Moment,
    Nested,
    PersonName,
    Text,
    Wish,
)
from shared.http.locale import _, current_locale
from shared.http.paging import PageWish, page_schema

STATES = [str(each) for each in InvitationState]
_ENTRY = re.compile(r"(?P<name>[^<>;]*?)[\s;]*<?(?P<email>[^\s<>;]+@[^\s<>;]+)>?[\s;,]*\Z")


class InvitationForm(Wish):
    """The page: one person a line, `Name <address>` or the address alone."""

    people = Text(required=True, most=40_000)
    locale = Language(required=True)
    quota_id = Id(load_default=None, allow_none=True)
    deadline = LocalDateTime(load_default=None, allow_none=True)
    holds_place = Boolean(load_default=False)


class InviteeWish(Wish):
    """Somebody to be invited."""

    email = EmailAddress(required=True)
    name = PersonName(load_default="")
    locale = Language(load_default=current_locale)


class InvitationJson(Wish):
    """The JSON door's body."""

    people = Many(Nested(InviteeWish), least=1, most=MOST_AT_ONCE, required=True)
    quota_id = Id(load_default=None, allow_none=True, metadata={"description": "Not needed where there is only one"})
    deadline = Moment(load_default=None, allow_none=True)
    holds_place = Boolean(load_default=False, metadata={"description": "Take a free place for each of them now"})

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> InvitationWish:
        """As the use case wants it."""
        people = tuple(
            Invitee(address=address(each["email"]), name=each["name"], locale=each["locale"]) for each in data["people"]
        )
        return _wish(data, people)


class AcceptForm(AnswersForm):
    """What somebody who is invited still says: her address is known."""

    name = PersonName(required=True)
    locale = Language(load_default=current_locale)
    consents = Nested(TickedConsents, load_default=dict)

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> SignUpWish:
        """As the use case wants it; the address comes from the invitation."""
        return SignUpWish(
            name=data["name"],
            address=no_address(),
            locale=data["locale"],
            consents=frozenset(name for name in NAMES if data["consents"].get(name)),
            source="invitation",
        )


class HandOverForm(Wish):
    """To whom she hands her place."""

    name = PersonName(required=True)
    email = EmailAddress(required=True)

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> Friend:
        """As the use case wants it."""
        return Friend(name=data["name"], address=address(data["email"]))


class InvitationsQuery(PageWish):
    """Which invitations."""

    state = Choice(*STATES, load_default=None)


class InvitationSchema(Schema):
    """An invitation. Its link is in the mail alone."""

    id = fields.UUID(required=True)
    event_id = fields.UUID(required=True)
    quota_id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    holds_place = fields.Boolean(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    locale = fields.String(required=True)
    deadline = fields.AwareDateTime(required=True, allow_none=True)
    registration_id = fields.UUID(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class InvitedSchema(Schema):
    """What became of a wish to invite."""

    ids = fields.List(fields.UUID(), required=True)
    passed_over = fields.List(
        fields.String(), required=True, metadata={"description": "Addresses with a registration or an open invitation"}
    )


InvitationsPage = page_schema(InvitationSchema)


def wish_of(data: dict[str, Any], zone: str) -> InvitationWish:
    """What the page's form asks for. Raises ValidationError with the lines that nobody can read."""
    people, faults = [], []
    lines = [line.strip() for line in data["people"].split("\n") if line.strip()]
    for number, line in enumerate(lines, start=1):
        found = _ENTRY.fullmatch(line)
        try:
            loaded = InviteeWish().load({**(found.groupdict() if found else {"email": line}), "locale": data["locale"]})
            invitee = Invitee(address=address(loaded["email"]), name=loaded["name"], locale=loaded["locale"])
            people.append(invitee)
        except ValidationError:
            faults.append(_("Line %(number)s: this is no address: %(text)s", number=number, text=line[:60]))
    if len(lines) > MOST_AT_ONCE:
        faults = [_("At most %(number)s people at once.", number=MOST_AT_ONCE)]
    if faults:
        raise ValidationError({"people": faults[:20]})
    moment = data["deadline"].replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if data["deadline"] else None
    return _wish({**data, "deadline": moment}, tuple(people))


def key(invitation: Invitation) -> list[str]:
    """Where the page after this invitation begins."""
    return [invitation.created_at.isoformat(), str(invitation.id)]


def after(cursor: list[str] | None) -> tuple[datetime, UUID] | None:
    """What a cursor holds. Raises ValidationError for one that we did not write."""
    if cursor is None:
        return None
    try:
        moment, invitation_id = cursor
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(invitation_id)
    except (ValueError, OverflowError):
        raise ValidationError({"cursor": [N_("This cursor is not one of ours.")]}) from None


def _wish(data: dict[str, Any], people: tuple[Invitee, ...]) -> InvitationWish:
    return InvitationWish(
        invitees=people, quota_id=data["quota_id"], deadline=data["deadline"], holds_place=data["holds_place"]
    )
