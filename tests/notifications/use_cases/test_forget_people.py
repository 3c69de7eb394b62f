"""Attendees are forgotten here too; who may still be told of something is not."""

from datetime import timedelta

from sqlalchemy import func, select, update

from services.notifications.storage import mails, revoked_tokens
from services.notifications.storage.tables import AttendeeCopy, EventCopy, InvitationRow, MailRow, RevokedToken
from services.notifications.use_cases.forget_people import forget_people
from shared.contracts.events import ApiTokenRevoked, EventPublished
from shared.database import sessions_for
from tests.notifications.builders import NOW, START, an_event, an_id, confirmed
from tests.notifications.office import Office


def test_attendees_go_ninety_days_after_the_event_and_the_event_after_a_year(any_office: Office) -> None:
    any_office.hear(EventPublished(event=an_event()), confirmed())
    assert _counts(any_office) == (1, 1, 1)

    _forget(any_office, days=89)
    assert _counts(any_office) == (1, 1, 1)

    _forget(any_office, days=91)
    assert _counts(any_office) == (1, 0, 0)

    _forget(any_office, days=366)
    assert _counts(any_office) == (0, 0, 0)


def test_an_event_that_the_first_release_took_over_is_forgotten_too(any_office: Office) -> None:
    any_office.hear(EventPublished(event=an_event()), confirmed())
    with sessions_for(any_office.engine).begin() as session:
        session.execute(update(EventCopy).values(ends_at=None))

    _forget(any_office, days=91)

    assert _counts(any_office) == (1, 0, 0)


def test_mails_go_in_batches_after_half_a_year_but_not_while_they_are_underway(office: Office) -> None:
    office.hear(EventPublished(event=an_event()), confirmed())
    with sessions_for(office.engine).begin() as session:
        first = session.scalar(select(func.min(MailRow.number)))
        session.execute(update(MailRow).where(MailRow.number != first).values(state="sent"))

        assert mails.forget_old(session=session, now=NOW + timedelta(days=181)) is False

        assert session.scalars(select(MailRow.number)).all() == [first]


def test_a_revoked_token_is_remembered_until_nobody_would_believe_it_anyway(any_office: Office) -> None:
    ends = NOW + timedelta(days=7)
    any_office.hear(
        ApiTokenRevoked(token_id=an_id("short"), expires_at=ends), ApiTokenRevoked(token_id=an_id("of old"))
    )
    with sessions_for(any_office.engine).begin() as session:
        session.execute(update(RevokedToken).where(RevokedToken.id == an_id("of old")).values(expires_at=None))

        revoked_tokens.forget_old(session=session, now=ends - timedelta(minutes=1))
        assert revoked_tokens.is_revoked(session, an_id("short"))

        revoked_tokens.forget_old(session=session, now=ends + timedelta(minutes=1))
        assert not revoked_tokens.is_revoked(session, an_id("short"))
        assert revoked_tokens.is_revoked(session, an_id("of old"))

        revoked_tokens.forget_old(session=session, now=ends + timedelta(days=367))
        assert not revoked_tokens.is_revoked(session, an_id("of old"))


def _forget(office: Office, *, days: int) -> None:
    with sessions_for(office.engine).begin() as session:
        while forget_people(session=session, now=START + timedelta(days=days)):
            pass


def _counts(office: Office) -> tuple[int, ...]:
    kinds = (EventCopy, AttendeeCopy, InvitationRow)
    with sessions_for(office.engine).begin() as session:
        return tuple(session.scalar(select(func.count()).select_from(each)) or 0 for each in kinds)
