"""Who stands at the door: an account, a program's token, or a paired phone."""

from dataclasses import replace

from shared.http.context import installed
from shared.http.identity import require_signed_in
from shared.policy import Actor


def door_actor() -> Actor:
    """Who is asking, with what the phone was paired for.

    A volunteer may be signed in for something else on the phone that she paired; the pairing still counts. Only
    for the door: what a pairing allows is less than what the event's organiser may. Raises NotSignedIn.
    """
    actor = require_signed_in()
    if actor.kind != "account" or (phone := installed().hooks.device_actor()) is None:
        return actor
    return replace(actor, event_id=phone.event_id)
