"""What the service hears, and what it does then."""

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from services.notifications.domain.webhook_news import TOLD
from services.notifications.use_cases.ask_to_confirm import ask_to_confirm
from services.notifications.use_cases.change_language import change_language
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.exchange_contacts import exchange_contacts
from services.notifications.use_cases.follow_event import follow_event
from services.notifications.use_cases.invite_attendee import invite_attendee
from services.notifications.use_cases.propose_hand_over import propose_hand_over
from services.notifications.use_cases.revoke_token import revoke_token
from services.notifications.use_cases.send_message import send_message
from services.notifications.use_cases.send_sign_in_link import send_sign_in_link
from services.notifications.use_cases.send_ticket import send_ticket
from services.notifications.use_cases.tell_already_registered import tell_already_registered
from services.notifications.use_cases.tell_cancelled import tell_cancelled
from services.notifications.use_cases.tell_company_of_guests import tell_company_of_guests
from services.notifications.use_cases.tell_of_application import tell_of_application, tell_of_offered_place
from services.notifications.use_cases.tell_of_change_of_places import tell_of_change_of_places
from services.notifications.use_cases.tell_of_lapsed_hand_over import tell_of_lapsed_hand_over
from services.notifications.use_cases.tell_of_offer import STYLES, tell_of_offer
from services.notifications.use_cases.tell_other_systems import tell_other_systems
from services.notifications.use_cases.tell_waiting_position import tell_waiting_position
from services.notifications.use_cases.write_before import ask_whether_she_comes, remind
from shared.contracts import events, registration
from shared.contracts.message import Message
from shared.messaging.handling import Handler


def handlers(desk: Desk, *, zone: str) -> dict[type[Message], Handler]:
    """Message type -> use case. `zone` is where sign-in deadlines are told in."""
    mine: dict[type[Message], Handler] = {
        events.EventPublished: lambda message, **how: follow_event(message.event, desk=desk, **how),
        events.EventChanged: lambda message, **how: follow_event(message.event, desk=desk, **how),
        events.EventRescheduled: lambda message, **how: follow_event(
            message.event, previous=message.previous, reason=message.reason, desk=desk, **how
        ),
        events.EventCancelled: lambda message, **how: follow_event(message.event, desk=desk, **how),
        events.SignInRequested: partial(send_sign_in_link, desk=desk, zone=zone),
        events.ApiTokenRevoked: revoke_token,
        registration.AddressConfirmationRequested: partial(ask_to_confirm, desk=desk),
        registration.SignUpRepeated: partial(tell_already_registered, desk=desk),
        registration.RegistrationConfirmed: partial(send_ticket, desk=desk),
        registration.TicketRequested: partial(send_ticket, desk=desk),
        registration.OrganiserMessageWritten: partial(send_message, desk=desk),
        registration.AttendeeInvited: partial(invite_attendee, desk=desk),
        registration.ApplicationReceived: partial(tell_of_application, desk=desk),
        registration.PlaceOffered: partial(tell_of_offered_place, desk=desk),
        registration.AttendanceAsked: partial(ask_whether_she_comes, desk=desk),
        registration.AttendeeReminded: partial(remind, desk=desk),
        registration.HandOverProposed: partial(propose_hand_over, desk=desk),
        registration.HandOverLapsed: partial(tell_of_lapsed_hand_over, desk=desk),
        registration.PlaceChangeNoted: partial(tell_of_change_of_places, desk=desk),
        registration.RegistrationWaitlisted: partial(tell_waiting_position, desk=desk),
        registration.AttendeeLanguageChanged: partial(change_language, desk=desk),
        registration.RegistrationCancelled: partial(tell_cancelled, desk=desk),
        registration.GuestListReady: partial(tell_company_of_guests, desk=desk),
        registration.ContactsExchanged: partial(exchange_contacts, desk=desk),
    }
    mine |= dict.fromkeys(STYLES, partial(tell_of_offer, desk=desk))
    return mine | {kind: _told_outside(mine.get(kind)) for kind in TOLD}


def _told_outside(handler: Handler | None) -> Handler:
    """The message's own effects, then the webhooks, in one transaction."""

    def handle(message: Message, *, session: Session, now: datetime) -> None:
        if handler is not None:
            handler(message, session=session, now=now)
        tell_other_systems(message, session=session, now=now)

    return handle
