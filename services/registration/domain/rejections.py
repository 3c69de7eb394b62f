"""The foreseen "no" of signing up, one class per rule."""

from shared.errors import N_, Rejection


class EventIsCancelled(Rejection):
    """The organiser called the event off."""

    kind = "conflict"
    title = N_("This event has been cancelled")
    detail = N_("Sign-up is closed. Everyone who had signed up has been told.")


class EventIsOver(Rejection):
    """The last session has ended."""

    title = N_("This event is over")
    detail = N_("It is no longer possible to sign up or to cancel.")


class SignUpNotOpenYet(Rejection):
    """The sign-up window has not begun. Facts: opens_at, ISO 8601."""

    title = N_("Sign-up is not open yet")
    detail = N_("Please come back when sign-up opens.")


class SignUpClosed(Rejection):
    """The sign-up window has ended, or the chosen places are no longer offered."""

    title = N_("Sign-up is closed")
    detail = N_("It is no longer possible to sign up for this event.")


class SignUpByInvitation(Rejection):
    """Only people with a personal link sign up."""

    title = N_("This event is by invitation")
    detail = N_("You need the personal link from your invitation. Please ask the organiser for one.")


class OfferIsOver(Rejection):
    """The time to take the offered place has passed, or it was taken or refused before."""

    kind = "gone"
    title = N_("This place is no longer kept for you")
    detail = N_("The time to take it is over, or you have answered already.")


class NotApplied(Rejection):
    """There is nothing to decide about her."""

    title = N_("This application is decided already")


class AlreadyRegistered(Rejection):
    """The address has a living registration. Only ever told to organisers: a stranger must not learn it."""

    title = N_("This address is registered already")
    detail = N_("There is a registration for this e-mail address and this event. Nothing was changed.")


class ConfirmationExpired(Rejection):
    """The address was not confirmed in time; the place went to somebody else."""

    kind = "gone"
    title = N_("This link is no longer valid")
    detail = N_("The address was not confirmed in time, so the place was given back. You can sign up again.")


class RegistrationCancelled(Rejection):
    """It was cancelled before and does not come back to life."""

    kind = "gone"
    title = N_("This registration was cancelled")
    detail = N_("You can sign up again as long as sign-up is open.")


class NoCompanyHere(Rejection):
    """Nobody hosts the event, or the time for it is over."""

    kind = "unknown"
    title = N_("There is nothing here")
    detail = N_("This event has no host company, or the time for this is over.")


class EventIsNotOver(Rejection):
    """Contacts are exchanged after the visit."""

    title = N_("The event is not over yet")
    detail = N_("After the event both sides can say whether they want to stay in touch.")


class NotWaiting(Rejection):
    """She is on no waiting list there."""

    title = N_("This person is not on the waiting list")
    detail = N_("Perhaps a place has come free meanwhile. Please look again.")


class NoFreePlace(Rejection):
    """A place is needed at once, and there is none."""

    title = N_("No place is free")
    detail = N_(
        "Places are never given twice. Raise the number of places of the event first, "
        "or cancel the registration of somebody who does not come."
    )


class ListWasTakenOver(Rejection):
    """The id of this run belongs to another list."""

    title = N_("Another list was taken over under this number")
    detail = N_("Nothing was done. Please start again with the list.")


class InvitationIsSpent(Rejection):
    """Used, taken back, too late, or never made: the holder of a link is told one and the same."""

    kind = "gone"
    title = N_("This invitation is no longer valid")
    detail = N_("It works once and until its deadline. Ask the organiser for a new one.")


class ChangesAreClosed(Rejection):
    """The organiser's deadline for changes is over."""

    title = N_("This can no longer be changed")
    detail = N_("The time for changes is over. If you cannot come, please cancel: somebody else is glad of your place.")


class OrganiserDecides(Rejection):
    """Who gets which place is decided by a person, and this one has been given already."""

    title = N_("The organiser decides about this")
    detail = N_("Please write to the organiser if you need another place than the one you have.")


class OfferIsOpen(Rejection):
    """A place is kept for her, and she has not said whether she takes it."""

    title = N_("A place is kept for you")
    detail = N_("Please say first whether you take it. Then you can change your choice.")


class AddressNotConfirmed(Rejection):
    """First the link in the mail, then everything else."""

    title = N_("Your address is not confirmed yet")
    detail = N_("Please use the link in our mail first.")
