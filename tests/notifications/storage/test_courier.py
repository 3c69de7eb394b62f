"""Other systems are told: signed, again when it did not work, by one at a time, and never into a private network."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select

from services.notifications.domain.webhooks import KINDS, LEASE, PAUSES
from services.notifications.storage import deliveries, webhooks
from services.notifications.storage.courier import Courier
from services.notifications.storage.outgoing import Outgoing
from services.notifications.storage.tables import DeliveryRow, WebhookRow
from services.notifications.use_cases.add_webhook import add_webhook, roll_secret
from shared.contracts.events import EventPublished
from shared.contracts.registration import AttendeeCheckedIn, AvailabilityChanged
from shared.database import sessions_for
from shared.policy import ANONYMOUS
from tests.notifications.builders import NOW, ORGANISATION, an_event, an_id, confirmed, waitlisted
from tests.notifications.office import Office
from tests.notifications.storage.receivers import Receiver, certified, receiving

KEY = b"k" * 32


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
def receiver() -> Iterator[Receiver]:
    """Takes everything."""
    with receiving(Receiver()) as found:
        yield found


def listen(office: Office, url: str, *kinds: str, organisation: UUID = ORGANISATION) -> tuple[UUID, str]:
    """An endpoint and its secret."""
    with sessions_for(office.engine).begin() as session:
        webhook, secret = add_webhook(
            url,
            kinds=kinds or KINDS,
            organisation_id=organisation,
            actor=ANONYMOUS,
            key=KEY,
            session=session,
            now=NOW,
        )
        return webhook.id, secret


def courier_of(
    office: Office, clock: Callable[[], datetime], outgoing: Outgoing | None = None, stop: threading.Event | None = None
) -> Courier:
    """Without jitter, and allowed to call this machine."""
    return Courier(
        office.engine,
        outgoing or Outgoing(private=True),
        key=KEY,
        clock=clock,
        stop=stop or threading.Event(),
        jitter=lambda: 0.0,
    )


def calls(result: str) -> float:
    """How many calls ended so in this process."""
    return REGISTRY.get_sample_value("werktor_webhook_calls_total", {"result": result}) or 0.0


def rows(office: Office) -> list[DeliveryRow]:
    """In the order they were written."""
    with sessions_for(office.engine)() as session:
        return list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.number)))


def webhook_of(office: Office, webhook_id: UUID) -> WebhookRow:
    """As it is now."""
    with sessions_for(office.engine)() as session:
        found = webhooks.find(session, webhook_id)
        assert found
        return found


def published() -> EventPublished:
    return EventPublished(event=an_event())


def test_a_receiver_is_told_and_can_check_who_calls(any_office: Office, clock: Clock, receiver: Receiver) -> None:
    _, secret = listen(any_office, receiver.url)
    any_office.hear(confirmed())

    assert courier_of(any_office, clock).deliver_next()

    (call,) = receiver.calls
    assert call.is_signed_with(secret)
    assert not call.is_signed_with(secret[:-4] + "AAA=")
    assert call.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert call.headers["content-type"] == "application/json"
    assert call.said == {
        "type": "registration.confirmed",
        "timestamp": NOW.isoformat(),
        "data": {
            "event_id": str(an_id("event")),
            "slug": "feinwerk",
            "registration_id": str(confirmed().registration.id),
            "status": "confirmed",
            "version": 1,
            "quota_ids": [str(an_id("quota"))],
        },
    }
    (row,) = rows(any_office)
    assert (row.state, row.status, row.attempts, row.delivered_at) == ("delivered", 204, 1, NOW)
    assert not courier_of(any_office, clock).deliver_next()


def test_no_call_carries_a_person(office: Office, clock: Clock, receiver: Receiver) -> None:
    listen(office, receiver.url)
    office.hear(published(), confirmed(), waitlisted(name="Ng Wei"))
    courier = courier_of(office, clock)

    while courier.deliver_next():
        pass

    told = b"".join(call.body for call in receiver.calls).decode()
    assert len(receiver.calls) == 3
    for personal in ("Олена", "\\u041e", "Ng", "example.org", "0123456789ABC", "Erika", "/my/"):
        assert personal not in told


def test_what_names_only_the_event_is_told_to_its_organisation(
    any_office: Office, clock: Clock, receiver: Receiver
) -> None:
    listen(any_office, receiver.url, "availability.changed", "attendee.checked_in")
    listen(any_office, receiver.url, organisation=an_id("another organisation"))
    ids = {"event_id": an_id("event"), "registration_id": an_id("r"), "session_id": an_id("s"), "scan_id": an_id("x")}
    counts = {"version": 7, "capacity": 10, "free": 3, "waiting": 0}

    any_office.hear(published())
    any_office.hear(AvailabilityChanged(event_id=an_id("event"), quota_id=an_id("quota"), **counts))
    any_office.hear(AvailabilityChanged(event_id=an_id("unknown"), quota_id=an_id("quota"), **counts))
    any_office.hear(AttendeeCheckedIn(**ids, scanned_at=NOW))
    courier = courier_of(any_office, clock)
    while courier.deliver_next():
        pass

    assert [call.said["type"] for call in receiver.calls] == ["availability.changed", "attendee.checked_in"]
    assert receiver.calls[0].said["data"] == {
        "event_id": str(an_id("event")),
        "slug": "feinwerk",
        "quota_id": str(an_id("quota")),
        **counts,
    }


def test_the_same_message_is_queued_once(any_office: Office, receiver: Receiver) -> None:
    webhook_id, _ = listen(any_office, receiver.url)

    for _attempt in range(2):
        with sessions_for(any_office.engine).begin() as session:
            deliveries.add(session, webhook_id, message_id=an_id("m"), kind=KINDS[0], event_id=None, body="{}", now=NOW)

    assert len(rows(any_office)) == 1


def test_a_failed_message_leaves_no_delivery(office: Office, receiver: Receiver) -> None:
    listen(office, receiver.url)

    with suppress(RuntimeError), sessions_for(office.engine).begin() as session:
        session.info["message_id"] = an_id("m")
        from services.notifications.inbox import handlers

        handlers(office.desk, zone="Europe/Berlin")[EventPublished](published(), session=session, now=NOW)
        raise RuntimeError

    assert rows(office) == []


def test_a_failure_is_tried_again_for_three_days_and_then_given_up(
    office: Office, clock: Clock, receiver: Receiver
) -> None:
    receiver.status = 500
    webhook_id, _ = listen(office, receiver.url)
    office.hear(published())
    courier = courier_of(office, clock)
    before = calls("failed"), calls("given_up")

    waited = []
    while rows(office)[0].state == "queued":
        assert courier.deliver_next()
        assert not courier.deliver_next()
        next_at = rows(office)[0].next_at
        if next_at:
            waited.append(next_at - clock.now)
            clock.now = next_at - timedelta(seconds=1)
            assert not courier.deliver_next()
            clock.now = next_at

    assert waited == list(PAUSES)
    assert sum(waited, timedelta()) > timedelta(days=3)
    assert len({call.id for call in receiver.calls}) == 1
    assert len(receiver.calls) == len(PAUSES) + 1
    assert (calls("failed"), calls("given_up")) == (before[0] + len(PAUSES), before[1] + 1)
    (row,) = rows(office)
    assert (row.state, row.status, row.reason) == ("failed", 500, "status")
    assert webhook_of(office, webhook_id).state == "failing"
    office.hear(confirmed())
    assert len(rows(office)) == 1


def test_an_endpoint_that_comes_back_gets_what_waits(office: Office, clock: Clock, receiver: Receiver) -> None:
    receiver.status = 503
    webhook_id, _ = listen(office, receiver.url)
    office.hear(published())
    courier = courier_of(office, clock)
    assert courier.deliver_next()
    assert webhook_of(office, webhook_id).failing_since == NOW

    receiver.status = 200
    clock.now += PAUSES[0]
    assert courier.deliver_next()

    assert [row.state for row in rows(office)] == ["delivered"]
    webhook = webhook_of(office, webhook_id)
    assert (webhook.failures, webhook.failing_since, webhook.rest_until) == (0, None, None)
    first, second = receiver.calls
    assert first.id == second.id
    assert first.body == second.body
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_410_pauses_the_endpoint_at_once(office: Office, clock: Clock, receiver: Receiver) -> None:
    receiver.status = 410
    webhook_id, _ = listen(office, receiver.url)
    office.hear(published(), confirmed())
    courier = courier_of(office, clock)

    assert courier.deliver_next()
    assert not courier.deliver_next()

    assert webhook_of(office, webhook_id).state == "gone"
    assert [(row.state, row.reason) for row in rows(office)] == [("failed", "gone"), ("queued", "")]


def test_a_redirect_is_not_followed(office: Office, clock: Clock, receiver: Receiver) -> None:
    with receiving(Receiver()) as inside:
        receiver.status, receiver.headers = 307, {"Location": inside.url}
        listen(office, receiver.url)
        office.hear(published())

        courier_of(office, clock).deliver_next()

        assert inside.calls == []
        assert [(row.state, row.status, row.reason) for row in rows(office)] == [("queued", 307, "redirect")]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_private_address_is_refused_at_each_delivery(office: Office, clock: Clock, host: str) -> None:
    listen(office, f"https://{host}/hooks")
    office.hear(published())

    courier_of(office, clock, Outgoing()).deliver_next()

    assert [(row.state, row.reason) for row in rows(office)] == [("queued", "private_address")]


def test_a_name_that_turns_to_a_private_address_is_refused(office: Office, clock: Clock) -> None:
    """DNS rebinding: public when it was added, ours when it is called; one private address among others is enough."""
    answers = [["93.184.215.14"], ["93.184.215.14", "127.0.0.1"]]

    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answers.pop(0)]

    outgoing = Outgoing(resolve=resolve)
    outgoing.check("https://rebind.example.org/")
    listen(office, "https://rebind.example.org/")
    office.hear(published())

    courier_of(office, clock, outgoing).deliver_next()

    assert [(row.state, row.reason) for row in rows(office)] == [("queued", "private_address")]
    assert answers == []


def _here(_host: str, port: int, **_: Any) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def test_https_wants_a_certificate_for_the_name(tmp_path: Path) -> None:
    server, client = certified(tmp_path, "hooks.example.org")
    with receiving(Receiver(), server) as receiver:
        outgoing = Outgoing(private=True, resolve=_here, tls=client)
        port = receiver.url.rpartition(":")[2]

        right = outgoing.post(f"https://hooks.example.org:{port}", headers={}, body=b"{}")
        wrong = outgoing.post(f"https://other.example.org:{port}", headers={}, body=b"{}")
        unknown = Outgoing(private=True, resolve=_here).post(f"https://hooks.example.org:{port}", headers={}, body=b"")

    assert (right.status, right.reason) == (204, "")
    assert (wrong.status, wrong.reason) == (None, "tls")
    assert (unknown.status, unknown.reason) == (None, "tls")
    assert [call.headers["host"] for call in receiver.calls] == [f"hooks.example.org:{port.partition('/')[0]}"]


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", None, "not_http"),
        (b"", None, "not_http"),
        (b"HTTP/1.1 200 " + b"x" * 100_000, None, "not_http"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n", 202, ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 500_000, 200, ""),
    ],
)
def test_strange_answers_do_no_harm(answer: bytes, status: int | None, reason: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        found = Outgoing(private=True).post(f"http://127.0.0.1:{server.getsockname()[1]}/", headers={}, body=b"{}")
        thread.join()

    assert (found.status, found.reason) == (status, reason)


def test_an_answer_in_drops_has_five_seconds_in_all() -> None:
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                while not done.wait(0.05):
                    connection.sendall(b"H")

        thread = threading.Thread(target=serve)
        thread.start()
        found = Outgoing(private=True, seconds=0.4).post(
            f"http://127.0.0.1:{server.getsockname()[1]}/", headers={}, body=b"{}"
        )
        done.set()
        thread.join()

    assert found.reason == "timeout"


def test_a_name_service_that_hangs_and_a_port_where_nobody_is() -> None:
    done = threading.Event()
    hanging = Outgoing(seconds=0.2, resolve=lambda *_, **__: [done.wait(10)])
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert hanging.post("https://example.org/", headers={}, body=b"").reason == "timeout"
    done.set()
    assert Outgoing(private=True).post(f"http://127.0.0.1:{port}/", headers={}, body=b"").reason == "unreachable"
    assert Outgoing(resolve=_raises).post("https://example.org/", headers={}, body=b"").reason == "unknown_name"


def _raises(*_: Any, **__: Any) -> list[Any]:
    raise socket.gaierror


def test_a_receiver_that_hangs_holds_up_nobody_else(any_office: Office, clock: Clock, receiver: Receiver) -> None:
    over, told = threading.Event(), threading.Semaphore(0)
    receiver.during = told.release
    with receiving(Receiver(during=lambda: over.wait(20))) as hanging:
        listen(any_office, hanging.url)
        listen(any_office, receiver.url)
        any_office.hear(*(confirmed(name=f"N{number}") for number in range(12)))
        stop = threading.Event()
        thread = threading.Thread(target=courier_of(any_office, clock, stop=stop).work)
        thread.start()
        try:
            for _each in range(12):
                assert told.acquire(timeout=10)
            assert len(hanging.calls) == 1
        finally:
            over.set()
            stop.set()
            thread.join()


def test_an_endpoint_that_fails_again_and_again_is_called_less(
    office: Office, clock: Clock, receiver: Receiver
) -> None:
    receiver.status = 500
    listen(office, receiver.url)
    office.hear(*(confirmed(name=f"N{number}") for number in range(15)))
    courier = courier_of(office, clock)

    for _minute in range(60):
        while courier.deliver_next():
            pass
        clock.now += timedelta(minutes=1)

    assert 5 < len(receiver.calls) < 20


def test_a_crash_between_sending_and_noting_sends_the_same_again(
    any_office: Office, clock: Clock, receiver: Receiver
) -> None:
    class Killed(BaseException):
        pass

    class Dying(Courier):
        def _settle(self, *_: Any) -> None:
            raise Killed

    _, secret = listen(any_office, receiver.url)
    any_office.hear(published())
    dying = Dying(any_office.engine, Outgoing(private=True), key=KEY, clock=clock, stop=threading.Event())
    with pytest.raises(Killed):
        dying.deliver_next()

    courier = courier_of(any_office, clock)
    assert not courier.deliver_next()
    clock.now += LEASE
    assert courier.deliver_next()

    first, second = receiver.calls
    assert (first.id, first.body) == (second.id, second.body)
    assert second.is_signed_with(secret)
    assert [(row.state, row.attempts) for row in rows(any_office)] == [("delivered", 2)]


def test_two_processes_never_send_the_same(any_office: Office, clock: Clock) -> None:
    """Four couriers at three endpoints: each delivery is sent once, and no endpoint is called twice at a time."""
    crowds = [Crowd() for _ in range(3)]
    with ExitStack() as stack:
        receivers = [stack.enter_context(receiving(Receiver(during=crowd.pass_through))) for crowd in crowds]
        for each in receivers:
            listen(any_office, each.url)
        any_office.hear(*(confirmed(name=f"N{number}") for number in range(8)))
        threads = [threading.Thread(target=_exhaust, args=(courier_of(any_office, clock),)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [crowd.most for crowd in crowds] == [1, 1, 1]
    assert [len(each.calls) for each in receivers] == [8, 8, 8]
    assert {(row.state, row.attempts) for row in rows(any_office)} == {("delivered", 1)}


class Crowd:
    """Counts who is there at the same time."""

    def __init__(self) -> None:
        self.guard, self.inside, self.most = threading.Lock(), 0, 0

    def pass_through(self) -> None:
        """Slowly enough to meet others."""
        with self.guard:
            self.inside += 1
            self.most = max(self.most, self.inside)
        threading.Event().wait(0.01)
        with self.guard:
            self.inside -= 1


def _exhaust(courier: Courier) -> None:
    """Until there was nothing to do five times: while others call, there is nothing for a moment."""
    idle = 0
    while idle < 5:
        idle = 0 if courier.deliver_next() else idle + 1
        threading.Event().wait(0.05 if idle else 0)


def test_a_bug_on_the_way_out_is_a_failure_like_any_other(office: Office, clock: Clock) -> None:
    def broken(*_: Any, **__: Any) -> list[Any]:
        return [None]

    listen(office, "https://example.org/")
    office.hear(published())

    courier_of(office, clock, Outgoing(resolve=broken)).deliver_next()

    assert [(row.state, row.reason) for row in rows(office)] == [("queued", "unreachable")]


def test_for_a_day_both_secrets_are_good(office: Office, clock: Clock, receiver: Receiver) -> None:
    webhook_id, old = listen(office, receiver.url)
    with sessions_for(office.engine).begin() as session:
        webhook = webhooks.find(session, webhook_id, lock=True)
        assert webhook
        new = roll_secret(webhook, key=KEY, now=NOW)
    courier = courier_of(office, clock)

    office.hear(published())
    courier.deliver_next()
    clock.now += timedelta(hours=24)
    office.hear(confirmed())
    courier.deliver_next()

    during, after = receiver.calls
    assert during.is_signed_with(old)
    assert during.is_signed_with(new)
    assert not after.is_signed_with(old)
    assert after.is_signed_with(new)


def test_the_database_does_not_show_the_secret(office: Office, clock: Clock, receiver: Receiver) -> None:
    webhook_id, secret = listen(office, receiver.url)
    office.hear(published())
    stranger = Courier(office.engine, Outgoing(private=True), key=b"x" * 32, clock=clock, stop=threading.Event())

    stranger.deliver_next()

    assert secret.encode() not in webhook_of(office, webhook_id).secret
    assert receiver.calls == []
    assert [(row.state, row.reason) for row in rows(office)] == [("queued", "secret")]


def test_deliveries_are_forgotten_after_two_weeks(any_office: Office, receiver: Receiver) -> None:
    listen(any_office, receiver.url)
    any_office.hear(published())

    for days, left in ((14, 1), (15, 0)):
        with sessions_for(any_office.engine).begin() as session:
            assert not deliveries.forget_old(session=session, now=NOW + timedelta(days=days))
        assert len(rows(any_office)) == left
