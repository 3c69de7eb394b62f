"""What states, sources and actions are called on organisers' pages."""

from shared.errors import N_

STATUS = {
    "pending": N_("Address not confirmed yet"),
    "confirmed": N_("Confirmed"),
    "waiting": N_("Waiting"),
    "cancelled": N_("Cancelled"),
    "expired": N_("Lapsed"),
}
APPLIED_OR_WAITING = N_("Applied or waiting")
STANDING = STATUS | {"applied": N_("Applied")}
CONSENTS = {
    "privacy": N_("Privacy note read"),
    "photo": N_("Photos"),
    "share_with_company": N_("Contact by the company"),
    "newsletter": N_("News by e-mail"),
}
SOURCES = {
    "form": N_("Public form"),
    "api": N_("Program"),
    "organiser": N_("Signed up by an organiser"),
    "import": N_("From a list"),
    "invitation": N_("Personal invitation"),
    "walk_in": N_("At the door"),
    "hand_over": N_("Taken over from somebody"),
    "company": N_("Asked by the host company"),
}
ORDERS = {
    "arrival": N_("In the order of sign-up"),
    "newest": N_("Newest first"),
    "name": N_("By name, A to Z"),
    "name_backwards": N_("By name, Z to A"),
}
ACTIONS = {
    "register_attendee": N_("signed somebody up"),
    "cancel_registration": N_("cancelled a registration"),
    "change_places": N_("changed where somebody takes part"),
    "mark_present": N_("marked somebody as present"),
    "mark_absent": N_("marked somebody as absent"),
    "export_attendance": N_("exported the attendance list"),
    "export_attendees": N_("exported attendees"),
    "write_note": N_("wrote a note"),
    "drop_note": N_("deleted a note"),
    "start_batch": N_("started an action on several people"),
    "undo_batch": N_("took an action on several people back"),
    "resend_mail": N_("had a mail sent again"),
    "send_message": N_("wrote to somebody"),
    "move_in_waiting_list": N_("moved somebody in the waiting list"),
    "import_attendees": N_("took over a list of people"),
    "register_walk_in": N_("let somebody in without a sign-up"),
    "invite": N_("sent a personal invitation"),
    "revoke_invitation": N_("took an invitation back"),
    "undo_check_in": N_("undid a check-in"),
    "offer_pairing": N_("made a pairing code for a phone"),
    "revoke_device": N_("took a phone's pairing back"),
    "change_form": N_("changed the sign-up form"),
    "publish_form": N_("published the sign-up form"),
    "approve_application": N_("said yes to an application"),
    "decline_application": N_("said no to an application"),
    "read_sensitive_answers": N_("read sensitive answers"),
    "read_file": N_("opened a file that somebody sent"),
}
LIST_FIELDS = {
    "name": N_("Name"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "email": N_("E-mail address"),
    "locale": N_("Language"),
    "quota": N_("Places"),
    "photo": N_("Photos"),
    "share_with_company": N_("Contact by the company"),
    "newsletter": N_("News by e-mail"),
}
INVITATIONS = {
    "open": N_("Sent"),
    "used": N_("Used"),
    "expired": N_("Expired"),
    "revoked": N_("Taken back"),
}


def statuses(selection: str) -> dict[str, str]:
    """For the tiles and filters of a list, which count those who applied among those who wait."""
    return STATUS if selection == "first_come" else STATUS | {"waiting": APPLIED_OR_WAITING}
