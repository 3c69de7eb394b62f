"""The rules: clean text, whose sessions, when a calendar is told, what a server's answer means."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.notifications.domain.attendance import attended_sessions
from services.notifications.domain.delivery import Answer, MailState, outcome, understand
from services.notifications.domain.entries import Entry, Known, Step, next_step
from services.notifications.domain.text import clean_line, clean_text, grouped, header_text, sender_name
from services.notifications.rendering.addresses import ascii_address
from tests.notifications.builders import NOW, START, an_id

A, B, Q, R = (an_id(name) for name in "ABQR")
ENTRY = Entry(
    starts_at=START,
    ends_at=START + timedelta(hours=2),
    zone="Europe/Berlin",
    summary="Tour",
    description="Page",
    location="Hall",
)


def known(entry: Entry = ENTRY, sequence: int = 3) -> Known:
    """The calendar has this."""
    return Known(
        sequence=sequence, schedule_key=entry.schedule_key, content_key=entry.content_key, ends_at=entry.ends_at
    )


@pytest.mark.parametrize(
    ("before", "wanted", "step"),
    [
        (None, ENTRY, Step(kind="invite", sequence=0)),
        (None, None, None),
        (known(), ENTRY, None),
        (known(), None, Step(kind="cancel", sequence=4)),
        (known(), "later", Step(kind="move", sequence=4)),
        (known(), "elsewhere", Step(kind="move", sequence=4)),
        (known(), "in other words", Step(kind="update", sequence=3)),
    ],
)
def test_a_calendar_is_told_what_it_does_not_know(
    before: Known | None, wanted: Entry | str | None, step: Step | None
) -> None:
    changed = {
        "later": {"starts_at": START + timedelta(minutes=30)},
        "elsewhere": {"location": "Yard"},
        "in other words": {"description": "Another page"},
    }
    if isinstance(wanted, str):
        wanted = Entry(**{**vars(ENTRY), **changed[wanted]})  # type: ignore[arg-type]

    assert next_step(before, wanted, now=NOW) == step


@pytest.mark.parametrize("wanted", [ENTRY, None])
@pytest.mark.parametrize("before", [known(), None])
def test_the_past_is_left_alone(before: Known | None, wanted: Entry | None) -> None:
    assert next_step(before, wanted, now=ENTRY.ends_at) is None


@pytest.mark.parametrize(
    ("quotas", "held", "sessions"),
    [
        ({Q: None}, [Q], (A, B)),
        ({Q: A, R: B}, [Q], (A,)),
        ({Q: A, R: B}, [R, Q], (A, B)),
        ({Q: None, R: B}, [Q], (A,)),
        ({Q: None, R: B}, [Q, R], (A, B)),
        ({Q: None}, [], ()),
    ],
)
def test_places_lead_to_sessions(quotas: dict[UUID, UUID | None], held: list[UUID], sessions: tuple[UUID, ...]) -> None:
    assert attended_sessions([A, B], session_of_quota=quotas, held=held) == sessions


@pytest.mark.parametrize(
    ("code", "text", "answer"),
    [
        (250, "250 ok", Answer.ACCEPTED),
        (450, "450 4.2.0 greylisted", Answer.LATER),
        (451, "451 4.7.1 slow down", Answer.CLOSED),
        (421, "421 busy", Answer.CLOSED),
        (432, "432 too many connections", Answer.CLOSED),
        (535, "535 5.7.8 authentication failed", Answer.CLOSED),
        (550, "550 5.1.1 unknown", Answer.NEVER),
        (552, "552 too big", Answer.TOO_BIG),
        (554, "554 5.3.4 Message is too large", Answer.TOO_BIG),
        (-1, "-1 nonsense", Answer.LATER),
    ],
)
def test_what_a_server_means(code: int, text: str, answer: Answer) -> None:
    assert understand(code, text) is answer


def test_patience_grows_and_ends() -> None:
    def after(attempts: int, answer: Answer = Answer.LATER, hours: float = 0) -> object:
        found = outcome(answer, attempts=attempts, created_at=NOW, now=NOW + timedelta(hours=hours), jitter=0)
        return (
            found.state
            if found.next_at is None
            else (found.next_at - NOW - timedelta(hours=hours)).total_seconds() / 60
        )

    assert [after(attempts) for attempts in range(1, 10)] == [1, 5, 15, 60, 180, 360, 720, 720, 720]
    assert after(9, hours=48) == MailState.FAILED
    assert after(1, Answer.LOST) == 10
    assert after(1, Answer.NEVER) == MailState.FAILED
    assert (after(1, Answer.TOO_BIG), after(2, Answer.TOO_BIG)) == (60, MailState.FAILED)


def test_text_loses_what_is_dangerous_and_nothing_else() -> None:
    assert clean_line("سارا موسوی\u200cنژاد") == "سارا موسوی\u200cنژاد"
    assert clean_line(" a\r\nb\tc\x00\u202e\ud800 ") == "a b c"
    assert clean_text("a\r\nb\u2028c\n\n") == "a\nb\nc"
    assert clean_line("x" * 80, 75) == "x" * 74 + "…"
    assert header_text("=?utf-8?q?x?=") == "= ?utf-8?q?x? ="
    assert sender_name('Verein, e.V.: "info@x.de"') == "Verein e.V. 'info at x.de'"
    assert grouped("0123456789AB") == "0123 4567 89AB"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("a.b+c@example.org", "a.b+c@example.org"),
        ("a@exämple.org", "a@xn--exmple-cua.org"),
        ("jürgen@example.org", ""),
        ("a@b@c.org", ""),
        ("a b@c.org", ""),
        ("a@c.org\r\nBcc: x@y.org", ""),
        ("", ""),
    ],
)
def test_addresses_are_written_in_ascii_or_not_at_all(address: str, written: str) -> None:
    assert ascii_address(address) == written
