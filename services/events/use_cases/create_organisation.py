"""An organisation joins the installation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from services.events.domain import slugs
from services.events.domain.accounts import SlugIsTaken
from services.events.storage import organisations
from services.events.storage.tables import Organisation


@dataclass(frozen=True, kw_only=True)
class OrganisationWish:
    """What is known of it. slug "": made from the name."""

    name: str
    email: str
    slug: str = ""
    website: str = ""
    city: str = ""
    locale: str = "de"


def create_organisation(wish: OrganisationWish, *, session: Session, now: datetime) -> Organisation:
    """A new organisation without members. Raises SlugIsTaken."""
    organisation_id = uuid4()
    slug = slugs.slug_of(wish.slug or wish.name, fallback="organisation", mark=organisation_id.hex[:6])
    if organisations.find_by_slug(session, slug) is not None:
        raise SlugIsTaken
    organisation = Organisation(
        id=organisation_id,
        slug=slug,
        name=wish.name,
        email=wish.email,
        website=wish.website,
        city=wish.city,
        locale=wish.locale,
        created_at=now,
    )
    session.add(organisation)
    session.flush()
    return organisation
