"""The back office opens: what needs me, what comes, what is unfinished."""

from flask import Blueprint, render_template

from services.events.domain.offers import OfferStatus
from services.events.storage import managed_events, offers
from services.events.web import offer_words
from services.events.web.counts import counting
from services.events.web.manage_access import organiser
from services.events.web.shown import shown_all
from shared import clock
from shared.http.app import reading
from shared.http.security import keep_private

pages = Blueprint("manage", __name__, url_prefix="/events/manage")
pages.before_request(keep_private)


@pages.get("/")
def show() -> str:
    """The dashboard."""
    _actor, organisations = organiser()
    now = clock.now()
    with reading() as session:
        coming = managed_events.listed(session, organisations, "coming", now=now, limit=12)
        drafts = managed_events.listed(session, organisations, "draft", now=now, limit=12)
        asked = offers.of_organisations(session, organisations, statuses=(OfferStatus.CHANGE_REQUESTED,))
        return render_template(
            "events/manage/dashboard.html",
            waiting=offers.needing_decision(session, organisations),
            asked=asked,
            coming=shown_all(session, coming, now),
            drafts=shown_all(session, drafts, now),
            counts=counting(session, coming),
            words=offer_words,
        )
