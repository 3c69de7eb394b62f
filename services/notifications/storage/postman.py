"""The postman: takes mails out of the queue and carries them to the way out, one by one, until told to stop."""

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from services.notifications.domain.delivery import Answer, outcome
from services.notifications.storage import mails
from services.notifications.storage.tables import MailRow
from services.notifications.storage.transport import Parcel, Receipt, Transport, Withdrawn
from shared.database import is_sqlite, reading_sessions_for, sessions_for
from shared.messaging.wakeup import woken
from shared.metrics import MAILS

log = logging.getLogger(__name__)

POLL = 1.0
LAPSE_EVERY = timedelta(seconds=1)
CLOSED_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # seconds, while the server is away


class Postman:
    """Any number may work on one queue, each in a thread of its own with a transport of its own."""

    def __init__(
        self,
        engine: Engine,
        transport: Transport,
        *,
        clock: Callable[[], datetime],
        stop: threading.Event,
        jitter: Callable[[], float] = random.random,
        others: bool = True,
    ) -> None:
        """`others`: look out for mails that other processes queue; one postman of a process does that for all."""
        self._engine = engine
        self._sessions = sessions_for(engine)
        self._reading = reading_sessions_for(engine)
        self._transport = transport
        self._clock = clock
        self._stop = stop
        self._jitter = jitter
        self._others = others
        self._lapsed: datetime | None = None  # when we last looked after the mails of dead processes
        self._closed = 0  # how often in a row nobody was at home

    def work(self) -> None:
        """Until `stop` is set; the mail in hand is finished first."""
        while not self._stop.is_set():
            try:
                self._work()
            except Exception:  # a database that is away for a while must not end the delivery of mail
                log.exception("the postman stumbles")
                self._stop.wait(POLL)
        self._transport.close()

    def deliver_next(self) -> bool:
        """Carry one mail, if one is due; whether there may be more to do at once."""
        now = self._clock()
        if is_sqlite(self._engine) and not self._is_any_due(now):
            return False
        lapse = self._lapsed is None or not timedelta() <= now - self._lapsed < LAPSE_EVERY
        with self._sessions.begin() as session:
            mail = mails.claim(session, now, lapse=lapse)
        self._lapsed = now if lapse else self._lapsed
        if mail is None:
            return False
        return self._settle(mail, self._carry(mail))

    def _work(self) -> None:
        with woken(self._engine, self._stop, others=self._others) as bell:
            while not self._stop.is_set():
                bell.clear()
                while not self._stop.is_set() and self.deliver_next():
                    pass
                self._transport.rest()
                if self._closed:
                    self._stop.wait(CLOSED_PAUSES[min(self._closed, len(CLOSED_PAUSES)) - 1])
                else:
                    bell.wait(self._pause())

    def _is_any_due(self, now: datetime) -> bool:
        """Worth asking where one writer keeps all others waiting."""
        with self._reading() as session:
            return mails.is_any_due(session, now)

    def _pause(self) -> float:
        """Until the next mail is due, at most a second: the net under the bell."""
        now = self._clock()
        with self._reading() as session:
            due = mails.next_due(session, timedelta(seconds=POLL), now)
        return POLL if due is None else max(0.01, (due - now).total_seconds())

    def _carry(self, mail: MailRow) -> Receipt | None:
        parcel = Parcel(
            number=mail.number,
            name=f"{mail.number:06d}-{mail.kind}-{mail.id}",
            envelope_from=mail.envelope_from,
            recipient=mail.recipient,
            raw=mail.raw,
        )
        try:
            return self._transport.deliver(parcel, lambda: self._begin(mail))
        except Withdrawn:
            self._transport.close()
            return None
        except Exception as error:  # one poisoned mail must not stop the others
            log.exception("mail %s cannot be carried", mail.id)
            return Receipt(Answer.LATER, f"{type(error).__name__}: {error}")

    def _begin(self, mail: MailRow) -> None:
        with self._sessions.begin() as session:
            if not mails.begin(session, mail, now=self._clock(), resend_after=self._transport.resend_after):
                raise Withdrawn

    def _settle(self, mail: MailRow, receipt: Receipt | None) -> bool:
        if receipt is None:
            return True
        MAILS.labels(str(receipt.answer)).inc()
        now = self._clock()
        with self._sessions.begin() as session:
            if receipt.answer is Answer.CLOSED:
                self._closed += 1
                mails.give_back(session, mail.number, error=receipt.text, now=now)
                log.warning("the mail server is closed: %s", receipt.text)
                return False
            self._closed = 0
            result = outcome(
                receipt.answer,
                attempts=mail.attempts,
                created_at=mail.retried_at or mail.created_at,
                now=now,
                jitter=self._jitter(),
            )
            mails.settle(session, mail.number, result, error=_error(receipt), now=now)
        return True


def _error(receipt: Receipt) -> str:
    return "" if receipt.answer is Answer.ACCEPTED else receipt.text
