"""Mails on their way out: refused, lost, hung, superseded, sent by two at once, and never forgotten."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from services.notifications.domain.delivery import MailState
from services.notifications.storage import mails
from services.notifications.storage.mailbox import LocalMailbox
from services.notifications.storage.post import Smarthost, SmtpTransport
from services.notifications.storage.postman import Postman
from services.notifications.storage.tables import MailRow
from services.notifications.storage.transport import Transport
from shared.database import sessions_for
from tests.notifications.builders import NOW, an_event, cancelled, confirmed, moved
from tests.notifications.office import Office
from tests.notifications.storage.smtp_server import Sink, running


class Clock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """At NOW."""
    return Clock()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A server that takes everything."""
    with running() as found:
        yield found


@pytest.fixture
def smtp(sink: Sink) -> Iterator[SmtpTransport]:
    """A connection to it."""
    transport = SmtpTransport(Smarthost.of(f"smtp://127.0.0.1:{sink.port}"), seconds=2)
    yield transport
    transport.close()


@pytest.fixture
def deliver(office: Office, smtp: SmtpTransport, clock: Clock) -> Callable[[], None]:
    """Let the postman carry what is due now."""
    postman = postman_of(office, smtp, clock)

    def run() -> None:
        while postman.deliver_next():
            pass

    return run


def postman_of(
    office: Office, transport: Transport, clock: Callable[[], datetime], stop: threading.Event | None = None
) -> Postman:
    """Without jitter."""
    return Postman(office.engine, transport, clock=clock, stop=stop or threading.Event(), jitter=lambda: 0.0)


def states(office: Office) -> list[str]:
    """In the order they were written."""
    return [row.state for row in office.rows()]


def test_each_mail_goes_to_its_one_recipient_under_its_own_sender(
    office: Office, sink: Sink, deliver: Callable[[], None]
) -> None:
    office.hear(confirmed())

    deliver()

    assert states(office) == ["sent", "sent"]
    for row, mail in zip(office.rows(), sink.mails, strict=True):
        assert mail.recipients == ["olena@example.org"]
        assert mail.sender == row.envelope_from
        assert mail.content == row.raw
        assert row.sent_at == NOW


def test_one_connection_carries_many_mails(office: Office, sink: Sink, deliver: Callable[[], None]) -> None:
    office.hear(*(confirmed(name=f"N{number}") for number in range(10)))

    deliver()

    assert len(sink.mails) == 20
    assert len(sink.connections) == 1


@pytest.mark.parametrize("extensions", [[], ["PIPELINING"]])
def test_a_refusal_leaves_nothing_behind_on_the_kept_connection(
    office: Office, sink: Sink, deliver: Callable[[], None], extensions: list[str]
) -> None:
    sink.extensions = extensions
    sink.rcpt_answer = lambda address: "550 5.1.1 no such user" if address.startswith("gone") else ""
    people = ["first", "gone1", "second", "gone2", "gone3", "third"]
    office.hear(
        *(confirmed(name=each, email=f"{each}@example.org", ascii_email=f"{each}@example.org") for each in people)
    )

    deliver()

    assert [row.state for row in office.rows("ticket")] == ["sent", "failed", "sent", "failed", "failed", "sent"]
    assert {row.last_error for row in office.rows("ticket") if row.state == "failed"} == {"550 5.1.1 no such user"}
    assert [mail.recipients for mail in sink.mails] == [[row.recipient] for row in office.rows() if row.state == "sent"]
    assert len(sink.connections) == 1


def test_a_kept_connection_that_the_server_closed_is_replaced_at_once(
    office: Office, sink: Sink, deliver: Callable[[], None]
) -> None:
    office.hear(confirmed(name="early"))
    deliver()
    sink.hang_up()
    office.hear(confirmed(name="late"))

    deliver()

    assert states(office) == ["sent"] * 4
    assert len(sink.connections) == 2
    assert {row.attempts for row in office.rows()} == {1}


def test_a_temporary_refusal_is_tried_again_with_the_same_bytes(
    office: Office, sink: Sink, deliver: Callable[[], None], clock: Clock
) -> None:
    office.hear(confirmed())
    sink.rcpt_answer = lambda _: "451 4.2.1 try later"
    deliver()
    assert states(office) == ["queued", "queued"]
    assert office.rows()[0].next_at == NOW + timedelta(minutes=1)
    assert office.rows()[0].last_error == "451 4.2.1 try later"

    sink.rcpt_answer = lambda _: ""
    deliver()
    assert sink.mails == []

    clock.now += timedelta(minutes=1)
    deliver()
    assert [mail.content for mail in sink.mails] == [row.raw for row in office.rows()]


def test_a_permanent_refusal_is_not_tried_again_and_stops_nobody(
    office: Office, sink: Sink, deliver: Callable[[], None], clock: Clock
) -> None:
    sink.rcpt_answer = lambda address: "550 5.1.1 no such user" if address == "gone@example.org" else ""
    office.hear(
        confirmed(name="gone", email="gone@example.org", ascii_email="gone@example.org"), confirmed(name="here")
    )

    deliver()
    clock.now += timedelta(days=1)
    deliver()

    assert states(office) == ["failed", "failed", "sent", "sent"]
    assert {mail.recipients[0] for mail in sink.mails} == {"olena@example.org"}
    assert office.rows()[0].attempts == 1


def test_after_two_days_a_mail_is_given_up(
    office: Office, sink: Sink, deliver: Callable[[], None], clock: Clock
) -> None:
    sink.rcpt_answer = lambda _: "451 later"
    office.hear(confirmed())

    for _ in range(60):
        deliver()
        clock.now += timedelta(hours=1)

    assert "failed" in states(office)
    assert office.rows()[0].attempts >= 7


def test_a_lost_answer_is_not_taken_for_a_failure(
    office: Office, sink: Sink, deliver: Callable[[], None], clock: Clock
) -> None:
    office.hear(confirmed())
    sink.drop_after_data = 1

    deliver()
    assert states(office) == ["uncertain", "queued"]
    assert office.rows()[0].next_at == NOW + timedelta(minutes=10)

    clock.now += timedelta(minutes=9)
    deliver()
    assert len(sink.mails) == 1

    clock.now += timedelta(minutes=1)
    deliver()
    assert states(office) == ["sent", "sent"]
    assert sink.mails[0].content == sink.mails[1].content


def test_an_absent_server_costs_no_attempt(office: Office, clock: Clock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    office.hear(confirmed())

    postman_of(office, SmtpTransport(Smarthost.of(f"smtp://127.0.0.1:{port}"), seconds=1), clock).deliver_next()

    first = office.rows()[0]
    assert (first.state, first.attempts, first.next_at) == ("queued", 0, NOW)
    assert "Refused" in first.last_error


def test_a_server_that_never_speaks_does_not_hold_the_postman(office: Office, clock: Clock) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        office.hear(confirmed())
        transport = SmtpTransport(Smarthost.of(f"smtp://127.0.0.1:{silent.getsockname()[1]}"), seconds=0.2)

        assert postman_of(office, transport, clock).deliver_next() is False

    assert office.rows()[0].state == "queued"


@pytest.mark.parametrize("code", ["421 too busy", "432 too many connections", "451 4.7.1 greylisted"])
def test_a_busy_server_slows_everybody_and_costs_no_attempt(
    office: Office, sink: Sink, deliver: Callable[[], None], code: str
) -> None:
    sink.rcpt_answer = lambda _: code
    office.hear(confirmed())

    deliver()

    assert (office.rows()[0].state, office.rows()[0].attempts) == ("queued", 0)


def test_what_a_dead_process_was_sending_is_sent_once_more(
    office: Office, sink: Sink, smtp: SmtpTransport, clock: Clock
) -> None:
    office.hear(confirmed())
    with sessions_for(office.engine).begin() as session:
        dying = mails.claim(session, NOW)
        assert dying is not None
    with sessions_for(office.engine).begin() as session:
        assert mails.begin(session, dying, now=NOW, resend_after=timedelta(minutes=10))
    postman = postman_of(office, smtp, clock)

    assert postman.deliver_next() is False
    clock.now += timedelta(minutes=10)
    while postman.deliver_next():
        pass

    assert states(office) == ["sent", "sent"]
    assert len(sink.mails) == 2


def test_what_a_dead_process_had_only_taken_goes_out_after_the_lease(
    office: Office, sink: Sink, deliver: Callable[[], None], clock: Clock
) -> None:
    office.hear(confirmed())
    with sessions_for(office.engine).begin() as session:
        assert mails.claim(session, NOW) is not None

    deliver()
    assert sink.mails == []
    clock.now += timedelta(minutes=5)
    deliver()

    assert states(office) == ["sent", "sent"]


def test_an_invitation_never_follows_its_cancellation(
    office: Office, sink: Sink, deliver: Callable[[], None], clock: Clock
) -> None:
    sink.rcpt_answer = lambda _: "451 later"
    office.hear(confirmed())
    deliver()
    office.hear(moved_message(), cancelled(version=2, event=moved(an_event())))
    sink.rcpt_answer = lambda _: ""

    clock.now += timedelta(hours=1)
    deliver()

    assert [(row.kind, row.state) for row in office.rows() if row.uid] == [
        ("invitation", "superseded"),
        ("calendar_move", "superseded"),
        ("calendar_cancel", "sent"),
    ]
    assert not any(b'method="REQUEST"' in mail.content for mail in sink.mails)


def test_an_uncertain_invitation_is_dropped_when_it_is_cancelled(
    office: Office, sink: Sink, deliver: Callable[[], None], clock: Clock
) -> None:
    office.hear(confirmed())
    sink.answer = lambda _, number: ""
    deliver_one_then_drop(sink)
    deliver()
    office.hear(cancelled())
    clock.now += timedelta(hours=1)
    deliver()

    calendar = [mail.content for mail in sink.mails if b"text/calendar" in mail.content]
    assert [b'method="REQUEST"' in content for content in calendar][-1] is False


def test_a_mail_superseded_at_the_last_moment_does_not_leave(office: Office, sink: Sink) -> None:
    office.hear(confirmed())
    with sessions_for(office.engine).begin() as session:
        mail = mails.claim(session, NOW)
        assert mail is not None
    with sessions_for(office.engine).begin() as session:
        session.execute(update(MailRow).where(MailRow.number == mail.number).values(state=MailState.SUPERSEDED))
    with sessions_for(office.engine).begin() as session:
        assert mails.begin(session, mail, now=NOW, resend_after=timedelta(minutes=10)) is False


def test_mails_of_one_registration_keep_their_order(
    office: Office, sink: Sink, deliver: Callable[[], None], clock: Clock
) -> None:
    sink.answer = lambda _, number: "451 later" if number == 0 and clock.now == NOW else ""
    office.hear(confirmed())

    deliver()
    clock.now += timedelta(minutes=2)
    deliver()

    assert [b"text/calendar" in mail.content for mail in sink.mails] == [False, True]


def test_two_postmen_send_every_mail_once(any_office: Office, sink: Sink) -> None:
    any_office.hear(*(confirmed(name=f"N{number}") for number in range(15)))
    stop = threading.Event()
    threads = []
    for _ in range(3):
        transport = SmtpTransport(Smarthost.of(f"smtp://127.0.0.1:{sink.port}"), seconds=5)
        threads.append(threading.Thread(target=postman_of(any_office, transport, lambda: NOW, stop).work))
        threads[-1].start()
    deadline = threading.Event()
    for _ in range(300):
        if set(states(any_office)) == {"sent"}:
            break
        deadline.wait(0.05)
    stop.set()
    for thread in threads:
        thread.join(10)

    assert len(sink.mails) == 30
    assert len({mail.content for mail in sink.mails}) == 30
    for name in range(15):
        mine = [
            m
            for m in sink.mails
            if any(r.raw == m.content and r.recipient_name == f"N{name}" for r in any_office.rows())
        ]
        assert [b"text/calendar" in mail.content for mail in mine] == [False, True]


def test_a_queued_mail_wakes_the_postman_at_once(any_office: Office, sink: Sink) -> None:
    stop = threading.Event()
    transport = SmtpTransport(Smarthost.of(f"smtp://127.0.0.1:{sink.port}"), seconds=5)
    thread = threading.Thread(target=postman_of(any_office, transport, lambda: NOW, stop).work)
    thread.start()
    try:
        any_office.hear(confirmed())
        for _ in range(200):
            if len(sink.mails) == 2:
                break
            threading.Event().wait(0.02)
        assert len(sink.mails) == 2
    finally:
        stop.set()
        thread.join(10)


def test_without_a_server_mails_become_files(office: Office, clock: Clock, tmp_path: Path) -> None:
    office.hear(confirmed())
    postman = postman_of(office, LocalMailbox(tmp_path / "mail"), clock)
    while postman.deliver_next():
        pass

    files = sorted((tmp_path / "mail").iterdir())
    assert [path.read_bytes() for path in files] == [row.raw for row in office.rows()]
    assert [path.name.split("-")[1] for path in files] == ["ticket", "invitation"]
    assert {path.suffix for path in files} == {".eml"}


def test_an_address_that_no_server_takes_is_a_visible_failure(office: Office) -> None:
    office.hear(confirmed(email="jürgen@example.org", ascii_email=""))

    assert states(office) == ["failed"] or set(states(office)) == {"failed"}
    assert "address" in office.rows()[0].last_error


@pytest.mark.parametrize(
    "url", ["http://mail.example.org", "smtp://", "mail.example.org", "smtp://u:p@mail.example.org"]
)
def test_what_is_no_smarthost_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"Must be|password"):
        Smarthost.of(url)


def moved_message() -> object:
    """The event moves."""
    from shared.contracts.events import EventRescheduled

    return EventRescheduled(event=moved(an_event()), previous=an_event().sessions)


def deliver_one_then_drop(sink: Sink) -> None:
    """The ticket arrives; the answer to the invitation is lost."""
    taken = sink.mails

    def answer(_: str, number: int) -> str:
        if number == 1 and len(taken) == 1:
            sink.drop_after_data = 1
        return ""

    sink.answer = answer
