"""An organisation joins under a slug of its own."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.events.domain.accounts import SlugIsTaken
from services.events.storage.tables import Organisation
from services.events.use_cases.create_organisation import OrganisationWish, create_organisation

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_a_slug_is_made_from_the_name(session: Session) -> None:
    made = create_organisation(
        OrganisationWish(name="Brücke für Köln", email="a@example.org"), session=session, now=NOON
    )

    assert made.slug == "bruecke-fuer-koeln"


def test_a_slug_that_somebody_has_is_not_given_again(session: Session) -> None:
    first = OrganisationWish(name="Torweg", email="a@example.org", slug="torweg")
    create_organisation(first, session=session, now=NOON)
    before = session.scalar(select(func.count()).select_from(Organisation))

    with pytest.raises(SlugIsTaken):
        create_organisation(
            OrganisationWish(name="Other", email="b@example.org", slug="torweg"), session=session, now=NOON
        )

    assert session.scalar(select(func.count()).select_from(Organisation)) == before
