"""What nobody needs any more goes by itself; what somebody may still need stays."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.storage import accounts, organisations
from services.events.storage.tables import AccountSession, ApiToken, Offer, SignInLink
from services.events.use_cases.forget import forget_drafts, forget_old
from tests.events.builders import NOW, a_member, an_organisation
from tests.events.offer_builders import a_begun_offer, a_sent_offer


def test_a_draft_that_was_never_sent_goes_after_ninety_days_and_a_sent_offer_stays(session: Session) -> None:
    organisation = an_organisation(session)
    old, fresh, sent = (make(session, organisation) for make in (a_begun_offer, a_begun_offer, a_sent_offer))
    old.changed_at = sent.changed_at = NOW
    fresh.changed_at = NOW + timedelta(days=2)
    session.flush()

    assert forget_drafts(session=session, now=NOW + timedelta(days=90)) is False
    assert len(session.scalars(select(Offer.id)).all()) == 3

    forget_drafts(session=session, now=NOW + timedelta(days=91))

    assert set(session.scalars(select(Offer.id))) == {fresh.id, sent.id}


def test_links_sessions_and_tokens_go_after_their_end(session: Session) -> None:
    organisation = an_organisation(session)
    member = a_member(session, organisation)
    for days in (1, 40):
        ends = NOW + timedelta(days=days)
        session.add_all(
            [
                SignInLink(token_hash=f"link{days}", account=member, purpose="x", created_at=NOW, expires_at=ends),
                AccountSession(
                    id=uuid4(), token_hash=f"s{days}", account=member, created_at=NOW, seen_at=NOW, expires_at=ends
                ),
                ApiToken(id=uuid4(), organisation_id=organisation.id, role="helper", created_at=NOW, expires_at=ends),
            ]
        )
    session.flush()
    gone = session.scalars(select(ApiToken.id).order_by(ApiToken.expires_at)).first()

    forget_old(session=session, now=NOW + timedelta(days=32))

    assert session.scalars(select(SignInLink.token_hash)).all() == ["link40"]
    assert session.scalars(select(AccountSession.token_hash)).all() == ["s40"]
    assert len(session.scalars(select(ApiToken)).all()) == 1
    assert gone is not None
    assert organisations.is_token_revoked(session, gone)
    assert accounts.is_ended(session, gone)
