"""Somebody uses her link."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.events.domain.accounts import ABSOLUTE, LinkIsUsedUp, hashed
from services.events.storage import accounts, audit
from services.events.storage.tables import Account, AccountSession
from services.events.use_cases.sign_out import end_session
from shared.policy import Actor


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who came in, on which device, and where she wanted to go."""

    account: Account
    device: AccountSession
    next_path: str


def sign_in(
    token: str, *, new_sid: str, session: Session, now: datetime, old_sid: str = "", browser: str = ""
) -> SignedIn:
    """Consume the link and open an account session under a fresh secret; the browser's former one ends.

    Raises LinkIsUsedUp for a link that was used, is too old or never existed.
    """
    link = accounts.find_link(session, token, now)
    if link is None or not accounts.use_link(session, token, now):
        raise LinkIsUsedUp
    former = accounts.find_device(session, old_sid, now) if old_sid else None
    if former is not None:
        end_session(former, session=session, now=now)
    device = AccountSession(
        token_hash=hashed(new_sid),
        account_id=link.account_id,
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE,
        browser=browser[:120],
    )
    session.add(device)
    session.flush()
    audit.record(session, "sign_in", by=Actor(id=link.account_id, kind="account"), object_id=link.account_id, now=now)
    return SignedIn(account=link.account, device=device, next_path=link.next_path)
