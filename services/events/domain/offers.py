"""The states of a company's tour offer, and the rules of who may take it from one to the next."""

from datetime import datetime
from enum import StrEnum

from shared.errors import N_, InvalidInput, NotSignedIn, Rejection


class OfferStatus(StrEnum):
    """From the first keystroke to the event. An accepted offer may have a revision that waits for review."""

    DRAFT = "draft"
    OFFERED = "offered"
    CHANGE_REQUESTED = "change_requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


IN_REVIEW = frozenset({OfferStatus.OFFERED, OfferStatus.CHANGE_REQUESTED})
OPEN = IN_REVIEW | {OfferStatus.DRAFT}


class OfferIsIncomplete(InvalidInput):
    """It cannot be sent yet; `errors` names every missing fact."""

    title = N_("Some facts are still missing")


class AddressNotConfirmed(NotSignedIn):
    """The draft is hers by browser, but only the owner of the address may send it."""

    title = N_("Please confirm your address first")
    detail = N_("We mailed you a link. Open it and you can send your offer at once. Everything is saved.")


class OfferWasSent(Rejection):
    """A draft is written to or sent, but it is a draft no more."""

    title = N_("This offer was sent already")
    detail = N_("Look at your overview: you can still answer, change or withdraw it there.")


class OfferIsNotInReview(Rejection):
    """A decision, question or answer came for an offer that waits for none."""

    title = N_("This offer is no longer waiting for a decision")
    detail = N_("Somebody has decided in the meantime, or the company has withdrawn it.")


class OfferIsAccepted(Rejection):
    """A promise was made to attendees, so it cannot just be withdrawn."""

    title = N_("This tour was accepted already")
    detail = N_("It is planned with you. If it cannot take place, please tell the organiser, who will call it off.")


class OfferIsClosed(Rejection):
    """It was declined or withdrawn before."""

    title = N_("This offer is closed")
    detail = N_("You can offer the same tour again with one tap.")


class OfferIsNotAccepted(Rejection):
    """Only an accepted tour has something to revise."""

    title = N_("This offer has not been accepted")
    detail = N_("While it is in review you can change it directly.")


class OfferHasChanged(Rejection):
    """The decision was made on a version that is no longer what the company offers."""

    title = N_("The offer has changed since you opened it")
    detail = N_("Please read the current version and decide again.")


class DateIsNotOffered(Rejection):
    """The accepted date is none of the alternatives."""

    kind = "invalid"
    title = N_("The company has not offered this date")
    detail = N_("Please choose one of the dates of the offer.")


class DateHasPassed(Rejection):
    """The accepted date is over."""

    title = N_("This date has passed")
    detail = N_("Please choose a date in the future or ask the company for a new one.")


class NothingHasChanged(Rejection):
    """A revision that is the same as the accepted tour."""

    title = N_("Nothing has changed")
    detail = N_("What you sent is what has been agreed already.")


class NoRevisionIsPending(Rejection):
    """Somebody else decided on the change, or there was none."""

    title = N_("No change is waiting for a decision")


class TourIsOver(Rejection):
    """What has taken place cannot be revised."""

    title = N_("This tour has begun or is over")


class TourIsCalledOff(Rejection):
    """The event of the offer was cancelled."""

    title = N_("This tour was called off")


def ensure_is_draft(status: str) -> None:
    """Only a draft is written to and sent."""
    if status == OfferStatus.WITHDRAWN:
        raise OfferIsClosed
    if status != OfferStatus.DRAFT:
        raise OfferWasSent


def ensure_in_review(status: str) -> None:
    """Questions, answers and decisions belong to an offer that was sent and not yet decided."""
    if status not in IN_REVIEW:
        raise OfferIsNotInReview


def ensure_can_be_withdrawn(status: str) -> None:
    """Until it is accepted the company is free to take it back."""
    if status == OfferStatus.ACCEPTED:
        raise OfferIsAccepted
    if status not in OPEN:
        raise OfferIsClosed


def ensure_can_be_revised(status: str, *, event_status: str, starts_at: datetime | None, now: datetime) -> None:
    """A change is possible from acceptance until the tour begins."""
    if status != OfferStatus.ACCEPTED:
        raise OfferIsNotAccepted
    if event_status == "cancelled":
        raise TourIsCalledOff
    if starts_at is not None and starts_at <= now:
        raise TourIsOver


def ensure_unchanged(current: int, seen: int | None) -> None:
    """Whoever decides has seen this version; None: she does not say (API)."""
    if seen is not None and seen != current:
        raise OfferHasChanged


def ensure_is_offered(start: datetime, *, offered: tuple[datetime, ...]) -> None:
    """Only what the company offered can be accepted."""
    if start not in offered:
        raise DateIsNotOffered


def ensure_is_ahead(starts_at: datetime, *, now: datetime) -> None:
    """A tour is planned into the future."""
    if starts_at <= now:
        raise DateHasPassed
