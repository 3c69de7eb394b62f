"""How people sign in and what they may be in an organisation."""

import hashlib
from datetime import timedelta

from shared.errors import N_, Rejection
from shared.policy import Actor, Role

LINK_LIFETIME = timedelta(minutes=15)
INVITATION_LIFETIME = timedelta(days=7)
MOST_LINKS, LINKS_PER = 3, timedelta(hours=1)
IDLE, ABSOLUTE = timedelta(hours=8), timedelta(days=7)
TOKEN_LIFETIME = timedelta(days=365)

_RANK = {role: rank for rank, role in enumerate(reversed(Role))}


class LinkIsUsedUp(Rejection):
    """A sign-in link works once and not for long."""

    kind = "gone"
    title = N_("This link no longer works")
    detail = N_("A sign-in link works once and only for a short time. Please ask for a new one.")


class LastAdminStays(Rejection):
    """An organisation without an administrator could never get one again."""

    title = N_("An organisation needs an administrator")
    detail = N_("Make somebody else an administrator first.")


class RoleAboveOwn(Rejection):
    """Nobody grants more than she has."""

    kind = "forbidden"
    title = N_("You cannot give a role above your own")


class SlugIsTaken(Rejection):
    """Two organisations cannot have one address."""

    title = N_("This address is taken")
    detail = N_("Another organisation has this address. Please choose another one.")


def hashed(token: str) -> str:
    """What is stored of a secret: enough to recognise it, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def ensure_grantable(role: Role, *, by: Role | None, actor: Actor) -> None:
    """Raises RoleAboveOwn unless the granter has the role himself or runs the installation."""
    if actor.is_admin:
        return
    if by is None or _RANK[role] > _RANK[by]:
        raise RoleAboveOwn
