"""What the page after a sign-up needs, signed into its address: no account, no cookie, no name."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from services.registration.domain.registrations import Receipt, best_position
from shared.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What became of a sign-up. `positions` holds None for each place that is held."""

    slug: str
    status: str
    positions: tuple[int | None, ...]
    confirm_by: datetime | None

    @property
    def position(self) -> int | None:
        """The best position on a waiting list, None as soon as one place is held."""
        return best_position(self.positions)


def sign(receipt: Receipt, slug: str) -> str:
    """A receipt as part of an address."""
    until = int(receipt.confirm_by.timestamp()) if receipt.confirm_by else 0
    return _signer().dumps([slug, str(receipt.status), list(receipt.places.values()), until])


def read(token: str, slug: str) -> Shown:
    """The receipt in an address. Raises NotFound for one that we did not write."""
    try:
        signed_slug, status, positions, until = _signer().loads(token)
    except (BadData, ValueError, TypeError):
        raise NotFound from None
    if signed_slug != slug:
        raise NotFound
    confirm_by = datetime.fromtimestamp(until, UTC) if until else None
    return Shown(slug=slug, status=status, positions=tuple(positions), confirm_by=confirm_by)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="receipt")
