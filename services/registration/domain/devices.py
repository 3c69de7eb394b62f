"""Paired phones: how long a pairing link and a pairing are good for, and what is said when they are not."""

from datetime import datetime, timedelta

from shared.errors import N_, Rejection

LINK_LIFETIME = timedelta(hours=24)
AFTER_THE_EVENT = timedelta(days=1)


class PairingLinkIsSpent(Rejection):
    """Used, too old, taken back, or never made: the holder of a link is told one and the same."""

    kind = "gone"
    title = N_("This pairing code is no longer valid")
    detail = N_("It works once, and for one day. Ask the organiser for a new one.")


def valid_until(event_ends_at: datetime | None, created_at: datetime) -> datetime:
    """When a paired phone stops being one: a day after its event, however often that moves."""
    return (event_ends_at or created_at) + AFTER_THE_EVENT
