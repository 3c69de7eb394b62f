"""What nobody needs any more is deleted by itself, a batch at a time."""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete, or_, select
from sqlalchemy.orm import Session

from services.events.storage.tables import AccountSession, ApiToken, Offer, OfferEntry, SignInLink
from shared.database import delete_some

KEPT = timedelta(days=1)
TOKENS_KEPT = timedelta(days=30)  # so that an organisation sees which token of its own has just run out
AT_ONCE = 200
DRAFTS_KEPT = timedelta(days=90)  # the company's overview says so


def forget_old(*, session: Session, now: datetime) -> bool:
    """Used-up links and ended account sessions a day after they ended, API tokens a month after; more to do?"""
    links = delete_some(session, cast("Table", SignInLink.__table__), SignInLink.expires_at < now - KEPT)
    ended = or_(AccountSession.expires_at < now - KEPT, AccountSession.revoked_at < now - KEPT)
    sessions = delete_some(session, cast("Table", AccountSession.__table__), ended)
    tokens = delete_some(session, cast("Table", ApiToken.__table__), ApiToken.expires_at < now - TOKENS_KEPT)
    return links or sessions or tokens


def forget_drafts(*, session: Session, now: datetime) -> bool:
    """Offers that a company began and never sent, when nobody has touched them for three months; more to do?"""
    unsent = (Offer.status == "draft", Offer.event_id.is_(None), Offer.changed_at < now - DRAFTS_KEPT)
    found = session.scalars(select(Offer.id).where(*unsent).limit(AT_ONCE)).all()
    for kind, key in ((OfferEntry, OfferEntry.offer_id), (Offer, Offer.id)):
        session.execute(delete(kind).where(key.in_(found)), execution_options={"synchronize_session": False})
    return len(found) == AT_ONCE
