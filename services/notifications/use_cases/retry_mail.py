"""Send a failed mail once more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.notifications.domain.delivery import MailState
from services.notifications.domain.rejections import MailIsNotStuck
from services.notifications.storage import mails
from services.notifications.storage.tables import MailRow
from shared.errors import NotFound
from shared.policy import Actor, Scope, ensure


def retry_mail(mail_id: UUID, *, actor: Actor, session: Session, now: datetime) -> MailRow:
    """The same bytes, at once. Raises MailIsNotStuck unless it has failed for good and has bytes to send."""
    mail = mails.find(session, mail_id, lock=True)
    if mail is None:
        raise NotFound
    ensure(actor, "see_mails", Scope(organisation_id=mail.organisation_id))
    if mail.state != MailState.FAILED or not mail.raw:
        raise MailIsNotStuck
    mails.retry(session, mail, now)
    return mail
