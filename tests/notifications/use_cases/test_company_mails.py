"""What the host company is told, and how contacts reach both sides."""

from email.message import EmailMessage

from shared.contracts.events import Host, Person
from shared.contracts.registration import ContactsExchanged, GuestListReady
from tests.notifications.builders import START, an_event, an_id, news
from tests.notifications.office import Office, part

JENS = Person(name="Jens Müller", email="jens@example.com", locale="de")
PETRA = Person(name="Petra Klein", email="petra@example.com", locale="ar")
EVENT = an_event(host=Host(id=an_id("company"), name="Feinwerk GmbH", contacts=(JENS, PETRA)))
PAGE = "https://werktor.example.org/registration/company/x"
LIST = GuestListReady(event=EVENT, number=7, names=("Олена Шевченко",), page_url=PAGE)


def text_of(mail: EmailMessage) -> str:
    return str(part(mail, "text/plain").get_content())


def test_each_contact_hears_who_comes_once_and_in_her_language(office: Office) -> None:
    office.hear(LIST, LIST)

    rows = office.rows("guest_list")
    assert [(row.recipient, row.locale) for row in rows] == [("jens@example.com", "de"), ("petra@example.com", "ar")]
    text = text_of(office.mail("guest_list"))
    assert "Олена Шевченко" in text
    assert PAGE in text


def test_nobody_is_told_who_came_after_the_event(office: Office) -> None:
    office.now = START.replace(year=2027)

    office.hear(LIST)

    assert office.kinds() == []


def test_both_sides_get_each_others_contact_even_after_the_event(office: Office) -> None:
    office.now = START.replace(year=2027)
    told = ContactsExchanged(registration=news(), event=EVENT, contact=JENS, phone="+49 7231 1", words="Zwei Praktika.")

    office.hear(told, told)

    assert office.kinds() == ["contact_for_attendee", "contact_for_company"]
    hers, his = text_of(office.mail("contact_for_attendee")), office.mail("contact_for_company")
    assert "jens@example.com" in hers
    assert "Zwei Praktika." in hers
    assert news().email in text_of(his)
    assert news().ascii_email in his["Reply-To"]
