"""What the registration service tells the others."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.events import EventSnapshot, Person, Texts
from shared.contracts.message import Message, register


@dataclass(frozen=True, kw_only=True)
class HeldPlace:
    """A place in a quota, or a position on its waiting list (1 is next); position is None for a held place.

    0: she applied and the order is not decided yet, or a place is kept for her that she has not taken.
    """

    quota_id: UUID
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class RegistrationNews:
    """A registration as mails need it.

    `version` grows with every change of the registration. status: pending | confirmed | waiting | cancelled
    | expired. `email` is the address as she wrote it, `ascii_email` the form for envelope and To.
    ticket_code is empty unless confirmed; ticket_url is what the QR code carries. open_questions: how many questions
    of the organiser wait for her answer.
    """

    id: UUID
    version: int
    event_id: UUID
    status: str
    name: str
    email: str
    ascii_email: str
    locale: str
    places: tuple[HeldPlace, ...]
    my_page_url: str = ""
    ticket_code: str = ""
    ticket_url: str = ""
    open_questions: int = 0


@dataclass(frozen=True, kw_only=True)
class _AboutRegistration(Message):
    """`event` is the producer's copy; a hearer that knows a higher version of the event uses its own."""

    producer: ClassVar[str] = "registration"
    registration: RegistrationNews
    event: EventSnapshot


@register
@dataclass(frozen=True, kw_only=True)
class AddressConfirmationRequested(_AboutRegistration):
    """She signed up; the place (or position) is hers until confirm_by, for good once the link was used.

    invited_by: she did not, the host company of this name asks her to come.
    """

    confirm_url: str
    confirm_by: datetime
    invited_by: str = ""


@register
@dataclass(frozen=True, kw_only=True)
class SignUpRepeated(_AboutRegistration):
    """Somebody signed up with an address that is registered already; only its owner is told."""


@register
@dataclass(frozen=True, kw_only=True)
class RegistrationConfirmed(_AboutRegistration):
    """The place is hers: at sign-up, at address confirmation, or from the waiting list.

    changed: she wanted another place than the one she had, and that one is given back.
    """

    from_waiting_list: bool = False
    changed: bool = False


@register
@dataclass(frozen=True, kw_only=True)
class RegistrationWaitlisted(_AboutRegistration):
    """She is on the waiting list, and told her position."""


@register
@dataclass(frozen=True, kw_only=True)
class RegistrationCancelled(_AboutRegistration):
    """It no longer counts. by: attendee | organiser | event | expiry | selection (she was not chosen) | offer (she did
    not take the place that was kept for her) | no_answer (she did not say whether she comes) |
    hand_over (somebody else has it now, as she wished) | quota (what she waited for is no longer offered).

    had_place: a ticket had been sent.

    silent: the organiser wants no letter about it; her calendar is put right all the same.
    """

    by: str
    had_place: bool = False
    reason: str = ""
    silent: bool = False


@register
@dataclass(frozen=True, kw_only=True)
class TicketRequested(_AboutRegistration):
    """Somebody wants the ticket mail to be sent once more; nothing else changed."""


@register
@dataclass(frozen=True, kw_only=True)
class OrganiserMessageWritten(_AboutRegistration):
    """An organiser wrote to this attendee. subject and text by language; she reads the one that suits her best."""

    message_id: UUID
    subject: Texts
    text: Texts


@register
@dataclass(frozen=True, kw_only=True)
class AttendeeInvited(Message):
    """Somebody is invited by a personal link; holds_place: a place is kept for her until the deadline."""

    producer: ClassVar[str] = "registration"
    invitation_id: UUID
    event: EventSnapshot
    name: str
    email: str
    ascii_email: str
    locale: str
    url: str
    holds_place: bool = False
    deadline: datetime | None = None


@register
@dataclass(frozen=True, kw_only=True)
class AttendeeLanguageChanged(Message):
    """She wants her mails in another language from now on; nothing else changed."""

    producer: ClassVar[str] = "registration"
    registration_id: UUID
    event_id: UUID
    version: int
    locale: str


@register
@dataclass(frozen=True, kw_only=True)
class AvailabilityChanged(Message):
    """The state of one quota; version grows with every change of it."""

    producer: ClassVar[str] = "registration"
    event_id: UUID
    quota_id: UUID
    version: int
    capacity: int
    free: int
    waiting: int


@register
@dataclass(frozen=True, kw_only=True)
class AttendeeCheckedIn(Message):
    """The first accepted scan of a ticket for a session."""

    producer: ClassVar[str] = "registration"
    registration_id: UUID
    event_id: UUID
    session_id: UUID
    scan_id: UUID
    scanned_at: datetime


@register
@dataclass(frozen=True, kw_only=True)
class CheckInUndone(Message):
    """The scan was taken back at the door."""

    producer: ClassVar[str] = "registration"
    registration_id: UUID
    event_id: UUID
    session_id: UUID
    scan_id: UUID


@register
@dataclass(frozen=True, kw_only=True)
class GuestListReady(Message):
    """The event begins soon; its host may know who comes. `names` are of those who agreed to be named."""

    producer: ClassVar[str] = "registration"
    event: EventSnapshot
    number: int
    names: tuple[str, ...]
    page_url: str


@register
@dataclass(frozen=True, kw_only=True)
class ContactsExchanged(_AboutRegistration):
    """Attendee and host company both want to stay in touch; each is told of the other."""

    contact: Person
    phone: str = ""
    words: str = ""


@register
@dataclass(frozen=True, kw_only=True)
class ApplicationReceived(_AboutRegistration):
    """She applied for a place; who gets one is decided later. `lot` stands for her in a lottery."""

    decides_at: datetime | None = None
    lot: str = ""


@register
@dataclass(frozen=True, kw_only=True)
class PlaceOffered(_AboutRegistration):
    """A place is kept for her until then; if she does not take it, it goes to the next in line."""

    offer_url: str
    until: datetime


@register
@dataclass(frozen=True, kw_only=True)
class PlaceChangeNoted(_AboutRegistration):
    """She keeps the places that she has and waits for others; or she no longer waits for any.

    ended: she did not want that, but a part of the event for which she waited is no longer offered.
    """

    ended: bool = False


@register
@dataclass(frozen=True, kw_only=True)
class AttendanceAsked(_AboutRegistration):
    """Does she come? Without an answer the place is freed at `until`; None: it stays hers. is_warning: she was asked
    before and did not answer.
    """

    coming_url: str
    cancel_url: str
    until: datetime | None = None
    is_warning: bool = False


@register
@dataclass(frozen=True, kw_only=True)
class AttendeeReminded(_AboutRegistration):
    """What she has a place for begins soon; once per registration and start."""

    starts_at: datetime
    cancel_url: str


@register
@dataclass(frozen=True, kw_only=True)
class HandOverProposed(Message):
    """Somebody wants to hand her place to a friend, who may say yes until the deadline. `giver` is her name; the
    language is hers too, as nobody knows the friend's yet.
    """

    producer: ClassVar[str] = "registration"
    hand_over_id: UUID
    event: EventSnapshot
    giver: str
    name: str
    email: str
    ascii_email: str
    locale: str
    url: str
    deadline: datetime


@register
@dataclass(frozen=True, kw_only=True)
class HandOverLapsed(_AboutRegistration):
    """The friend whom she asked did not take her place in time: it is still hers. Once per question."""
