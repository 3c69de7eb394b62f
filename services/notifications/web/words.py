"""What kinds and states of mails, webhooks and deliveries are called."""

from services.notifications.domain.delivery import MailState
from services.notifications.domain.webhooks import TEST, DeliveryState, EndpointState
from shared.errors import N_

STATE_NAMES = {
    MailState.QUEUED: N_("Waiting to be sent"),
    MailState.SENDING: N_("Being sent"),
    MailState.SENT: N_("Sent"),
    MailState.FAILED: N_("Failed"),
    MailState.UNCERTAIN: N_("Perhaps arrived"),
    MailState.SUPERSEDED: N_("No longer needed"),
}
KINDS = {
    "confirm_address": N_("Address confirmation"),
    "already_registered": N_("Already signed up"),
    "ticket": N_("Ticket"),
    "invitation": N_("Calendar invitation"),
    "calendar_move": N_("Calendar: moved"),
    "calendar_update": N_("Calendar: updated"),
    "calendar_cancel": N_("Calendar: removed"),
    "organiser_message": N_("Message of the organiser"),
    "attendee_invited": N_("Personal invitation"),
    "waiting": N_("Waiting list"),
    "cancelled": N_("Cancellation"),
    "cancelled_by_organiser": N_("Cancelled by the organiser"),
    "expired": N_("Sign-up lapsed"),
    "rescheduled": N_("Event moves"),
    "event_cancelled": N_("Event called off"),
    "host_rescheduled": N_("To the host: event moves"),
    "guest_list": N_("To the host: who comes"),
    "contact_for_attendee": N_("Contact of the company"),
    "contact_for_company": N_("To the host: contact of an attendee"),
    "application_received": N_("Application received"),
    "place_offered": N_("Place offered"),
    "change_noted": N_("Change of places"),
    "attendance_asked": N_("Question: do you come?"),
    "attendance_warning": N_("Question once more: do you come?"),
    "reminder": N_("Reminder"),
    "hand_over_proposed": N_("To a friend: take my place?"),
    "hand_over_lapsed": N_("Place not taken by the friend"),
    "part_ended": N_("What she waited for is no longer offered"),
    "handed_over": N_("Place handed on"),
    "no_answer": N_("Place freed: no answer"),
    "not_chosen": N_("Not chosen"),
    "offer_lapsed": N_("Offer not taken"),
    "host_cancelled": N_("To the host: event called off"),
    "sign_in": N_("Sign-in link"),
    "sign_in_offer_tour": N_("Sign-in link (company)"),
    "sign_in_invitation": N_("Invitation to work together"),
    "tour_offered": N_("Tour offered"),
    "offer_change_requested": N_("Change requested"),
    "offer_answered": N_("Answer of the company"),
    "offer_accepted": N_("Tour accepted"),
    "offer_declined": N_("Tour declined"),
    "offer_revised": N_("Tour changed"),
    "offer_revision_accepted": N_("Change accepted"),
    "offer_revision_declined": N_("Change declined"),
}
NEWS = {
    "event.published": N_("Event published"),
    "event.changed": N_("Event changed"),
    "event.rescheduled": N_("Event moved"),
    "event.cancelled": N_("Event called off"),
    "registration.confirmed": N_("Place confirmed"),
    "registration.waitlisted": N_("On the waiting list"),
    "registration.applied": N_("Application received"),
    "registration.offered": N_("Place offered"),
    "registration.cancelled": N_("Registration cancelled"),
    "availability.changed": N_("Free places changed"),
    "attendee.checked_in": N_("Attendee checked in"),
    "attendee.check_in_undone": N_("Check-in undone"),
    TEST: N_("Test"),
}
ENDPOINT_STATES = {
    EndpointState.ACTIVE: ("success", N_("Active"), "check"),
    EndpointState.PAUSED: ("neutral", N_("Paused"), "clock"),
    EndpointState.GONE: ("danger", N_("Stopped: the receiver is gone"), "cross"),
    EndpointState.FAILING: ("danger", N_("Stopped: nothing arrived for three days"), "cross"),
}
DELIVERY_STATES = {
    DeliveryState.QUEUED: ("info", N_("On its way"), "clock"),
    DeliveryState.DELIVERED: ("success", N_("Delivered"), "check"),
    DeliveryState.FAILED: ("danger", N_("Given up"), "cross"),
}
ACTIONS = {
    "add_webhook": N_("Webhook added"),
    "change_webhook": N_("What a webhook is told changed"),
    "pause_webhook": N_("Webhook paused"),
    "start_webhook": N_("Webhook started again"),
    "delete_webhook": N_("Webhook deleted"),
    "roll_webhook_secret": N_("New secret for a webhook"),
}
