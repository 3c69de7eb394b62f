"""What actions on many are called, and what became of each registration in them."""

from shared.errors import N_

OFFERED = {
    "message": N_("Write a message"),
    "resend": N_("Send the mail again"),
    "mark_present": N_("Mark as present"),
    "move_up": N_("Move to the front of the waiting list"),
    "cancel": N_("Cancel the registrations"),
}
STATES = {
    "waiting": N_("Has not taken effect yet"),
    "running": N_("Is being carried out"),
    "done": N_("Done"),
    "undone": N_("Taken back"),
    "taking_back": N_("Is being taken back"),
}
OUTCOMES = {
    "waiting": N_("Waiting"),
    "done": N_("Done"),
    "undone": N_("Taken back"),
    "not-living": N_("No longer counts, so nothing was done"),
    "event-is-over": N_("The event is over"),
    "not-waiting": N_("Is on no waiting list"),
    "many-messages": N_("Got three messages within a day already"),
    "no-address": N_("Has no e-mail address"),
    "was-present": N_("Was marked as present already"),
    "not-confirmed": N_("The sign-up does not count yet"),
    "registration-is-cancelled": N_("This registration was cancelled"),
    "not-for-this-session": N_("Her place is in another session"),
    "no-such-session": N_("The event has no such session"),
    "event-is-cancelled": N_("This event was called off"),
}
