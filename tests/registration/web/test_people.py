"""Lists of people and people at the door."""

import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.registration.domain.people_list import decoded, read_sheet
from services.registration.storage import events
from services.registration.storage.tables import CheckIn, ImportRun, Registration
from shared import clock
from shared.errors import InvalidInput
from tests.registration.builders import a_quota, a_registration, messages, names_of
from tests.registration.doors import House, fields_of, post

LIST = "Vorname;Nachname;E-Mail;Sprache;Foto\nJürgen;Groß;juergen@example.org;de;ja\nسارا;أحمدي;sara@example.org;ar;\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_lists_of_all_kinds_are_read(encoding: str, separator: str) -> None:
    sheet = read_sheet(decoded(LIST.replace(";", separator).encode(encoding)))

    assert sheet.fields == ("first_name", "last_name", "email", "locale", "photo")
    assert [each.name() for each in sheet.rows] == ["Jürgen Groß", "سارا أحمدي"]
    assert [each.agrees("photo") for each in sheet.rows] == [True, False]
    assert [each.number for each in sheet.rows] == [2, 3]


def test_a_list_of_windows_keeps_its_letters() -> None:
    sheet = read_sheet(decoded("Name;Mail\nJürgen Groß – €;a@example.org\n".encode("cp1252")))

    assert sheet.rows[0].name() == "Jürgen Groß – €"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Name;E-Mail",
        "Stadt;Farbe\nA;B",
        "Name;Mail\n" + "A;a@example.org\n" * 1001,
        "Name;Mail" + ";" * 199 + "\nA;a@example.org",
    ],
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_sheet(text)


def tried(house: House, told: Any, text: str, **more: Any) -> tuple[Any, str]:
    """The dry run."""
    here = f"/registration/manage/{told.slug}/import"
    answer = post(house.organiser(), here, here, text=text, locale="de", step="try", **more)
    return answer, answer.get_data(as_text=True)


def done(house: House, told: Any, text: str, run_id: Any) -> Any:
    """The second step."""
    here = f"/registration/manage/{told.slug}/import"
    return post(house.organiser(), here, here, text=text, locale="de", step="do", run_id=str(run_id), has_read="true")


def people(house: House) -> list[tuple[str, str, str, str]]:
    """Everybody who is registered."""
    with house.sessions.begin() as session:
        rows = session.scalars(select(Registration).order_by(Registration.email)).all()
        return [(each.name, each.email, each.locale, each.source) for each in rows]


def test_a_list_is_tried_first_and_taken_over_once(house: House) -> None:
    told = house.event()
    answer, page = tried(house, told, LIST)
    before = people(house)
    run_id = fields_of(page)["run_id"]

    first = done(house, told, LIST, run_id)
    again = done(house, told, LIST, run_id)

    assert (answer.status_code, before, first.status_code, again.status_code) == (200, [], 303, 303)
    assert people(house) == [
        ("Jürgen Groß", "juergen@example.org", "de", "import"),
        ("سارا أحمدي", "sara@example.org", "ar", "import"),
    ]
    with house.sessions.begin() as session:
        assert names_of(messages(session)) == ["RegistrationConfirmed"] * 2
        assert [(each.added, each.skipped) for each in session.scalars(select(ImportRun))] == [(2, 0)]


def test_a_file_is_read_as_well(house: House) -> None:
    told = house.event()
    here = f"/registration/manage/{told.slug}/import"
    file = (io.BytesIO("Name,E-Mail\nÄnne,aenne@example.org\n".encode("cp1252")), "liste.csv")

    page = post(house.organiser(), here, here, file=file, text="", locale="de", step="try").get_data(as_text=True)

    assert "<bdi>Änne</bdi>" in page
    assert people(house) == []


def test_one_faulty_row_keeps_everybody_out(house: House) -> None:
    told = house.event()
    text = "Name;E-Mail;Platz\nAnna;anna@example.org;\nBen;no-address;\n;c@example.org;Mond\n"

    answer, page = tried(house, told, text)
    forced = done(house, told, text, uuid4())

    assert (answer.status_code, forced.status_code) == (422, 422)
    assert "This is not a valid e-mail address." in page
    assert "There are no places called “Mond”." in page
    assert people(house) == []


def test_known_addresses_are_passed_over(house: House) -> None:
    told = house.event()
    with house.sessions.begin() as session:
        a_registration(session, events.get(session, told.id), email="anna@example.org", now=clock.now())
    text = "Name;E-Mail\nAnna;ANNA@example.org\nBen;ben@example.org\nBenno;Ben@example.org\n"

    _answer, page = tried(house, told, text)
    done(house, told, text, uuid4())

    assert ("Registered already" in page, "Twice in the list" in page) == (True, True)
    assert [each[1] for each in people(house)] == ["anna@example.org", "ben@example.org"]


def test_another_list_under_the_same_number_is_refused(house: House) -> None:
    told, run_id = house.event(), uuid4()
    done(house, told, "Name;E-Mail\nAnna;anna@example.org\n", run_id)

    answer = done(house, told, "Name;E-Mail\nBen;ben@example.org\n", run_id)

    assert answer.status_code == 409
    assert [each[0] for each in people(house)] == ["Anna"]


def test_the_json_door_takes_lists_and_dry_runs(house: House) -> None:
    told = house.event()
    address = f"/registration/api/v1/events/{told.id}/imports"
    body = {"people": [{"name": "Anna", "email": "a@example.org", "consents": {"privacy": True}}] * 2}

    dry = house.visitor().post(address, json={**body, "dry_run": True}, headers=house.token())
    assert people(house) == []
    real = house.visitor().post(address, json=body, headers=house.token())

    skipped = [{"row": 2, "reason": "twice-in-the-list"}]
    assert dry.get_json() == {"added": 1, "skipped": skipped, "dry_run": True}
    assert real.get_json() == {"added": 1, "skipped": skipped, "dry_run": False}
    assert len(people(house)) == 1


def walk_in(house: House, told: Any, **more: Any) -> Any:
    """Somebody at the door."""
    here = f"/registration/manage/{told.slug}/walk-in"
    usual = {"name": "Ali", "locale": "de", "session_id": str(told.sessions[0].id), "consents.privacy": "true"}
    return post(house.organiser(), here, here, **{**usual, **more})


def test_somebody_at_the_door_is_registered_and_checked_in(house: House) -> None:
    told = house.event(capacity=2)

    answers = [walk_in(house, told), walk_in(house, told, name="Eva")]

    assert [each.status_code for each in answers] == [303, 303]
    assert {each[0:2] + each[3:] for each in people(house)} == {("Ali", "", "walk_in"), ("Eva", "", "walk_in")}
    with house.sessions.begin() as session:
        assert len(session.scalars(select(CheckIn)).all()) == 2


def test_the_door_never_oversells_nor_overtakes(house: House) -> None:
    told = house.event(capacity=1)
    with house.sessions.begin() as session:
        a_registration(session, events.get(session, told.id), name="Holder", now=clock.now())

    answer = walk_in(house, told)

    assert answer.status_code == 422
    assert "Raise the number of places of the event first" in answer.get_data(as_text=True)
    assert [each[0] for each in people(house)] == ["Holder"]


def test_the_door_lets_in_where_its_page_says_that_a_place_is_free(house: House) -> None:
    full, roomy = a_quota(0), a_quota(1)
    told = house.event(quotas=(full, roomy), quota_choice="any")
    with house.sessions.begin() as session:
        event = events.get(session, told.id)
        a_registration(session, event, name="Both", quota_ids=(full.id, roomy.id), together=True, now=clock.now())

    page = house.organiser().get(f"/registration/manage/{told.slug}/walk-in").get_data(as_text=True)
    answers = [walk_in(house, told, quota_ids=str(each.id)) for each in (full, roomy, roomy)]

    assert "1 place is free." in page
    assert [each.status_code for each in answers] == [422, 303, 422]
    assert sorted(each[0] for each in people(house)) == ["Ali", "Both"]


def test_a_walk_in_by_json_comes_back_checked_in(house: House) -> None:
    told = house.event()
    body = {"name": "Ali", "consents": {"privacy": True}, "session_id": str(told.sessions[0].id)}

    answer = house.visitor().post(f"/registration/api/v1/events/{told.id}/walk-ins", json=body, headers=house.token())

    assert (answer.status_code, answer.get_json()["email"]) == (201, "")
    assert answer.get_json()["checked_in_at"]
    assert UUID(answer.get_json()["id"])
