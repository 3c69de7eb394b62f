"""Whose mails somebody may see."""

from uuid import UUID

from shared.errors import NotPermitted
from shared.policy import Actor, Scope, may


def whose_mails(actor: Actor) -> list[UUID] | None:
    """Her organisations; None for all, which only the administrator of the installation may see."""
    if actor.is_admin:
        return None
    found = [each for each in actor.organisations if may(actor, "see_mails", Scope(organisation_id=each))]
    if not found:
        raise NotPermitted
    return found
