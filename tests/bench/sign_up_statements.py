"""What no sign-up can do without: a place taken under a condition, the registration, the message to the others.

Ours does more in its transaction (the consents, the place, the message about free places); that is ours to pay for.
"""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.bench.office import Bare
from tests.registration.doors import House

_TAKE = """
    UPDATE quota SET taken = taken + 1, version = version + 1
    WHERE id = %s AND is_open AND taken < capacity AND waiting = 0 RETURNING version
"""
_REGISTER = """
    INSERT INTO registration (id, version, event_id, status, name, email, ascii_email, email_key, search_text, locale,
        page_hash, ticket_hash, confirm_by, created_at, changed_at, cancelled_by, cancelled_reason, source)
    VALUES (%(id)s, 1, %(event)s, 'pending', 'Олена Шевченко', %(email)s, %(email)s, %(email)s, %(email)s, 'de',
        %(hash)s, %(hash)s, now() + interval '30 minutes', now(), now(), '', '', 'api')
"""
_TELL = """
    INSERT INTO outbox (message_id, type, aggregate, version, data, created_at) VALUES (%s, %s, %s, 1, %s, now())
"""
_SAMPLE = text("SELECT type, data::text FROM outbox WHERE aggregate LIKE 'registration:%' ORDER BY id LIMIT 1")


class SignUpStatements:
    """The three of them in one transaction, with as long a message as ours writes."""

    def __init__(self, house: House, bare: Bare) -> None:
        """Call it when somebody has signed up already, because her message is the sample."""
        self._bare = bare
        with house.engine.connect() as connection:
            self._type, self._data = connection.execute(_SAMPLE).one()

    def run(self, *, event_id: UUID, quota_id: UUID) -> None:
        """Somebody signs up."""
        new = uuid4()
        facts: dict[str, Any] = {"id": new, "event": event_id, "email": f"{new}@example.org", "hash": f"{new}"}
        with self._bare.transaction() as connection:
            if connection.execute(_TAKE, (quota_id,)).fetchone() is None:
                raise AssertionError("no place left")
            connection.execute(_REGISTER, facts)
            connection.execute(_TELL, (uuid4(), self._type, f"registration:{new}", self._data))
