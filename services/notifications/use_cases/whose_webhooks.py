"""Whose webhooks somebody may see and change."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.notifications.storage import webhooks
from services.notifications.storage.tables import WebhookRow
from shared.errors import N_, InvalidInput, NotFound, NotPermitted
from shared.policy import Actor, Scope, ensure, may

ACTION = "manage_webhooks"


def whose_webhooks(actor: Actor) -> list[UUID] | None:
    """Her organisations; None for all, which only the administrator of the installation may see."""
    if actor.is_admin:
        return None
    found = [each for each in actor.organisations if may(actor, ACTION, Scope(organisation_id=each))]
    if not found:
        raise NotPermitted
    return found


def for_which_organisation(actor: Actor, wished: UUID | None) -> UUID:
    """The one she names; she need not if there is only one."""
    own = whose_webhooks(actor)
    if wished is None:
        if own is None or len(own) != 1:
            raise InvalidInput({"organisation_id": [N_("Please say for which organisation.")]})
        return own[0]
    ensure(actor, ACTION, Scope(organisation_id=wished))
    return wished


def own_webhook(webhook_id: UUID, *, actor: Actor, session: Session, lock: bool = False) -> WebhookRow:
    """Raises NotFound for an unknown or foreign one."""
    webhook = webhooks.find(session, webhook_id, lock=lock)
    if webhook is None:
        raise NotFound
    ensure(actor, ACTION, Scope(organisation_id=webhook.organisation_id))
    return webhook
