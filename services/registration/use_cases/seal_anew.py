"""After a new key was put first on the ring: what older ones sealed is sealed with it."""

from sqlalchemy.orm import Session

from services.registration.domain.key_ring import KeyRing
from services.registration.storage import answers, files

MOST_ANSWERS, MOST_FILES = 500, 20


def seal_anew(*, session: Session, ring: KeyRing) -> int:
    """Some of them, in one transaction; how many it were, 0 when nothing is left that a known key opens."""
    return answers.seal_anew(session, ring=ring, limit=MOST_ANSWERS) + files.seal_anew(
        session, ring=ring, limit=MOST_FILES
    )
