"""The bytes of mails: what was meant is what is written, whatever people are called."""

import email.policy
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.rendering.calendar import Mailbox
from services.notifications.rendering.letters import Letter
from services.notifications.rendering.messages import Draft, HeaderSmuggled, serialise

NAMES = (Path(__file__).parents[2] / "data/names.txt").read_text(encoding="utf-8").splitlines()
TRAPS = [
    "=?utf-8?q?=0d=0aBcc:_evil@example.org?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5vcmc=?=",
    "Ann\r\nBcc: evil@example.org",
    "Ann\nBcc: evil@example.org",
    "Ann\rBcc: evil@example.org",
    "Ann\u2028Bcc: evil@example.org",
    "Ann\x0bBcc: evil@example.org\x00",
    "Ann\x85Bcc: evil@example.org",
    'Ann" <evil@example.org>, "B',
    "Ann, Bert <evil@example.org>",
    "Ann\ud800",
    "(comment) Ann",
    "a@b.example.org",
]


def written(
    *, name: str = "Olena", organiser: str = "MOZAIK", subject: str = "Ticket", to: str = "o@example.org"
) -> bytes:
    """A small mail."""
    from services.notifications.domain.text import header_text

    return serialise(
        Draft(
            letter=Letter(kind="ticket", locale="de", subject=header_text(subject), text="Hallo", html="<p>Hallo</p>"),
            sender=Mailbox(name=organiser, email="kalender@werktor.example.org"),
            recipient=Mailbox(name=name, email=to),
            message_id="<1b671a64-40d5-491e-99b0-da01ff1f3341@werktor.example.org>",
            date=datetime(2026, 11, 23, 9, tzinfo=UTC),
            reply_to="info@mozaik.example.org",
        )
    )


def read(raw: bytes) -> email.message.EmailMessage:
    """With the standard library, strictly."""
    return message_from_bytes(raw, policy=email.policy.default.clone(raise_on_defect=True))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_comes_back_letter_for_letter(name: str) -> None:
    mail = read(written(name=name, subject=f"Ihr Ticket: {name}, {name}"))

    assert mail["To"].addresses[0].display_name == name
    assert mail["To"].addresses[0].addr_spec == "o@example.org"
    assert mail["Subject"] == f"Ihr Ticket: {name}, {name}"


@pytest.mark.parametrize("place", ["name", "organiser", "subject"])
@pytest.mark.parametrize("trap", TRAPS)
def test_no_name_becomes_a_header_or_a_recipient(trap: str, place: str) -> None:
    mail = read(written(**{place: trap}))

    assert mail["Bcc"] is None
    assert [each.addr_spec for each in mail["To"].addresses] == ["o@example.org"]
    assert [each.addr_spec for each in mail["From"].addresses] == ["kalender@werktor.example.org"]
    assert len(mail.keys()) == len(set(mail.keys()))


@pytest.mark.parametrize(
    "to", ["a@b.de\r\nBcc: c@d.de", "a@b.de, c@d.de", "<a@b.de>", "ab.de", "ü@example.org", "a b@c.de"]
)
def test_what_is_no_address_is_never_written(to: str) -> None:
    with pytest.raises(HeaderSmuggled):
        written(to=to)


@settings(max_examples=200, deadline=None)
@given(name=st.text(max_size=100), organiser=st.text(max_size=100), subject=st.text(max_size=300))
def test_whatever_is_written_has_the_headers_that_were_meant(name: str, organiser: str, subject: str) -> None:
    raw = written(name=name, organiser=organiser, subject=subject)

    assert max(raw) < 128
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert [each.addr_spec for each in read(raw)["To"].addresses] == ["o@example.org"]
    assert len(read(raw).keys()) == 11
