"""What one application holds: put there by new_app, found by everything that works within a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from shared.direct import Direct
from shared.languages import Catalogues
from shared.policy import Actor
from shared.settings import CommonSettings


def _nothing() -> None:
    return None


def _nobody() -> Actor | None:
    return None


def _never(_jti: str) -> bool:
    return False


@dataclass(kw_only=True)
class Hooks:
    """What a service adds to the common door.

    after_commit: called after each transaction (wakes the relay).
    device_actor: turns the service's own device cookie into an Actor; called inside the request.
    is_revoked: whether an API token's id, or that of an account session, is no longer to be believed.
    credential_cookies: names of further cookies that say who somebody is: with them an API write needs its token.
    checks: name -> callable for /readyz; raising or answering False means "not ready".
    watched: the same for what pages can do without for a while: /readyz says that it is late, and stays ready.
    """

    after_commit: Callable[[], None] = _nothing
    device_actor: Callable[[], Actor | None] = _nobody
    is_revoked: Callable[[str], bool] = _never
    credential_cookies: tuple[str, ...] = ()
    checks: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    watched: Mapping[str, Callable[[], object]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Installed:
    """An application's parts."""

    common: CommonSettings
    sessions: sessionmaker[Session]
    reading_sessions: sessionmaker[Session]
    catalogues: Catalogues
    hooks: Hooks
    static_folder: str | None = None

    @cached_property
    def direct(self) -> Direct:
        """The database of `sessions`, one statement at a time."""
        return Direct(self.sessions.kw["bind"])

    @property
    def prefix(self) -> str:
        """The first part of each of this application's paths: /events."""
        return f"/{self.common.service}"


def installed() -> Installed:
    """The parts of the application that is answering."""
    found: Installed = current_app.extensions["werktor"]
    return found
