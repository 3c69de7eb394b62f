"""Answers: in the transaction of the sign-up, sealed where they are sensitive, gone when their period is over."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from services.registration.domain.answers import AnswersAreFixed, settle
from services.registration.domain.forms import FormVersion, put, remove
from services.registration.domain.key_ring import key_ring
from services.registration.domain.questions import Kind
from services.registration.storage import answers, events, files, forms, registrations
from services.registration.storage.form_tables import AnswerRow, FileRow, FormVersionRow
from services.registration.storage.tables import AuditEntry, Event, Registration
from services.registration.use_cases.change_form import change_form
from services.registration.use_cases.clean_upload import clean_upload
from services.registration.use_cases.edit_answers import edit_answers
from services.registration.use_cases.forget_answers import forget_answers
from services.registration.use_cases.forget_people import forget_people
from services.registration.use_cases.publish_form import publish_form
from services.registration.use_cases.read_sensitive_answers import read_sensitive_answers
from shared.database import sessions_for
from shared.errors import InvalidInput, NotPermitted
from shared.policy import Actor, Role
from tests.registration.builders import (
    AT_ONCE,
    NOW,
    ORGANISATION,
    a_registration,
    a_session,
    a_wish,
    an_event,
    later,
    messages,
)
from tests.registration.form_builders import a_pdf, a_question, asks

RING = AT_ONCE.ring
DIET = a_question(sensitive=True, retention_days=7)
NAME = a_question(retention_days=30)
ORGANISER = Actor(id=uuid4(), kind="account", organisations={ORGANISATION: Role.ORGANISER})


def signed_up(session: Session, event: Event, form: FormVersion, values: dict[UUID, Any]) -> UUID:
    """Somebody who answered, and agreed to everything."""
    sheet = settle(form, values, {each.id for each in form.questions})
    return a_registration(session, event, a_wish(sheet=sheet)).id


def kept(session: Session, registration_id: UUID) -> dict[UUID, Any]:
    """What stands there, opened."""
    return {key: each.value for key, each in answers.opened(session, registration_id, ring=RING).items()}


def test_answers_are_kept_with_the_registration(either_engine: Engine) -> None:
    with sessions_for(either_engine).begin() as session:
        event = an_event(session)
        form = asks(session, event, NAME, DIET)

        registration_id = signed_up(session, event, form, {NAME.id: "نعم", DIET.id: "halal"})

        assert kept(session, registration_id) == {NAME.id: "نعم", DIET.id: "halal"}
        assert answers.answers_of(session, [registration_id])[registration_id][DIET.id].is_sealed


def test_an_event_without_a_form_asks_the_database_nothing_more(session: Session) -> None:
    event = an_event(session)

    assert forms.current(session, event) is None
    registration_id = a_registration(session, event).id

    assert answers.answers_of(session, [registration_id]) == {}


def test_nobody_passes_a_form_by(session: Session) -> None:
    event = an_event(session)
    asks(session, event, NAME)

    with pytest.raises(InvalidInput):
        a_registration(session, event)


def test_a_sensitive_answer_stands_in_no_column_and_no_message(either_engine: Engine) -> None:
    with sessions_for(either_engine).begin() as session:
        event = an_event(session)
        form = asks(session, event, DIET)
        signed_up(session, event, form, {DIET.id: "insulin-and-halal"})

        stored = session.execute(text("SELECT * FROM answer")).mappings().one()
        told = [each.dump() for each in messages(session)]

    assert "insulin-and-halal" not in str(dict(stored))
    assert b"insulin" not in bytes(stored["sealed"])
    assert "insulin" not in str(told)
    assert str(DIET.id) not in str(told)


def test_a_sealed_answer_opens_only_in_its_own_row(session: Session) -> None:
    event = an_event(session)
    form = asks(session, event, DIET)
    one, other = (signed_up(session, event, form, {DIET.id: what}) for what in ("vegan", "halal"))
    rows = {each.registration_id: each for each in session.scalars(select(AnswerRow))}
    rows[one].sealed = rows[other].sealed
    session.flush()

    assert kept(session, one) == {DIET.id: None}
    assert kept(session, other) == {DIET.id: "halal"}


def test_keys_change_by_id_and_old_answers_stay_readable(session: Session) -> None:
    event = an_event(session)
    form = asks(session, event, DIET)
    registration_id = signed_up(session, event, form, {DIET.id: "halal"})
    new_ring = key_ring(AT_ONCE.links.key, (("2027a", b"n" * 32),))

    before = answers.opened(session, registration_id, ring=new_ring)
    assert answers.seal_anew(session, ring=new_ring, limit=10) == 1
    session.expire_all()
    after = answers.opened(session, registration_id, ring=new_ring)
    without_the_new_key = answers.opened(session, registration_id, ring=RING)

    assert [before[DIET.id].value, after[DIET.id].value] == ["halal", "halal"]
    assert (without_the_new_key[DIET.id].value, without_the_new_key[DIET.id].is_sealed) == (None, True)
    assert answers.seal_anew(session, ring=new_ring, limit=10) == 0


def test_a_changed_form_leaves_answers_as_they_were(session: Session) -> None:
    event = an_event(session)
    colour = a_question(Kind.SINGLE_CHOICE)
    first = asks(session, event, NAME, colour)
    registration_id = signed_up(session, event, first, {NAME.id: "Anna", colour.id: "red"})

    fewer = replace(colour, options=colour.options[1:], label={"de": "Ganz anders"})
    change_form(event, lambda form: put(form, fewer), actor=ORGANISER, session=session, now=NOW)
    change_form(event, lambda form: remove(form, NAME.id), actor=ORGANISER, session=session, now=NOW)
    second = publish_form(event, actor=ORGANISER, session=session, now=NOW)

    assert second
    assert second.number == 2
    assert events.get(session, event.id).form_id == second.id
    assert kept(session, registration_id) == {NAME.id: "Anna", colour.id: "red"}
    answer = answers.answers_of(session, [registration_id])[registration_id][colour.id]
    assert forms.get(session, answer.form_id).question(colour.id) == colour
    assert forms.get(session, answer.form_id).question(NAME.id) == NAME


def test_publishing_what_is_published_makes_no_version(session: Session) -> None:
    event = an_event(session)
    change_form(event, lambda form: put(form, NAME), actor=ORGANISER, session=session, now=NOW)

    assert publish_form(event, actor=ORGANISER, session=session, now=NOW) is not None
    assert publish_form(event, actor=ORGANISER, session=session, now=NOW) is None

    assert session.scalar(select(func.count()).select_from(FormVersionRow)) == 1


def test_an_empty_form_asks_nothing(session: Session) -> None:
    event = an_event(session)
    asks(session, event, NAME)

    change_form(event, lambda form: remove(form, NAME.id), actor=ORGANISER, session=session, now=NOW)
    publish_form(event, actor=ORGANISER, session=session, now=NOW)

    assert events.get(session, event.id).form_id is None
    a_registration(session, event)


def test_a_helper_builds_no_form_and_reads_no_sensitive_answer(session: Session) -> None:
    event = an_event(session)
    registration_id = signed_up(session, event, asks(session, event, DIET), {DIET.id: "halal"})
    helper = Actor(id=uuid4(), kind="account", organisations={ORGANISATION: Role.HELPER})
    program = replace(ORGANISER, kind="token")
    registration = registrations.get(session, registration_id)
    before = session.scalar(select(func.count()).select_from(AuditEntry))

    with pytest.raises(NotPermitted):
        change_form(event, lambda form: put(form, NAME), actor=helper, session=session, now=NOW)
    for actor in (helper, program):
        with pytest.raises(NotPermitted):
            read_sensitive_answers(registration, actor=actor, session=session, now=NOW, terms=AT_ONCE)

    assert forms.draft(session, event.id) == (DIET,)
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_each_reading_of_sensitive_answers_is_logged_without_content(session: Session) -> None:
    event = an_event(session)
    registration_id = signed_up(session, event, asks(session, event, DIET), {DIET.id: "halal"})
    registration = registrations.get(session, registration_id)

    read = read_sensitive_answers(registration, actor=ORGANISER, session=session, now=NOW, terms=AT_ONCE)

    assert read[DIET.id].value == "halal"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "read_sensitive_answers")).one()
    assert (entry.object_id, entry.actor_id, entry.at) == (registration_id, ORGANISER.id, NOW)
    assert "halal" not in str(entry.facts)


def test_each_answer_goes_when_its_own_period_is_over(either_engine: Engine) -> None:
    with sessions_for(either_engine).begin() as session:
        event = an_event(session)  # it ends thirteen days after NOW
        form = asks(session, event, NAME, DIET)
        registration_id = signed_up(session, event, form, {NAME.id: "Anna", DIET.id: "halal"})

        forget_answers(session=session, now=later(days=20))
        assert set(kept(session, registration_id)) == {NAME.id, DIET.id}
        forget_answers(session=session, now=later(days=20, hours=4))
        assert set(kept(session, registration_id)) == {NAME.id}
        forget_answers(session=session, now=later(days=43, hours=4))
        assert kept(session, registration_id) == {}
        assert session.get(Registration, registration_id) is not None


def test_an_event_that_moves_takes_the_period_with_it(session: Session) -> None:
    event = an_event(session)
    registration_id = signed_up(session, event, asks(session, event, DIET), {DIET.id: "halal"})
    told = events.snapshot(event)
    moved = a_session(starts_at=later(days=60), ends_at=later(days=60, hours=2))

    an_event(session, replace(told, version=told.version + 1, sessions=(moved,)))
    forget_answers(session=session, now=later(days=30))

    assert set(kept(session, registration_id)) == {DIET.id}


def test_whoever_is_forgotten_leaves_no_answers_and_no_files(session: Session) -> None:
    event = an_event(session)
    cv = a_question(Kind.FILE, retention_days=90)
    form = asks(session, event, cv)
    file = a_file(session, event, cv.id)
    signed_up(session, event, form, {cv.id: str(file)})

    forget_people(session=session, now=later(days=104))

    assert session.scalar(select(func.count()).select_from(AnswerRow)) == 0
    assert session.scalar(select(func.count()).select_from(FileRow)) == 0


def a_file(session: Session, event: Event, question_id: UUID, **more: Any) -> UUID:
    """A file that was just sent."""
    cleaned = clean_upload("cv.pdf", a_pdf())
    now = more.pop("now", NOW)
    return files.stage(session, cleaned, event_id=event.id, question_id=question_id, ring=RING, now=now).id


def test_a_file_is_sealed_and_becomes_part_of_one_registration(either_engine: Engine) -> None:
    with sessions_for(either_engine).begin() as session:
        event = an_event(session)
        cv = a_question(Kind.FILE)
        form = asks(session, event, cv)
        file = a_file(session, event, cv.id)
        signed_up(session, event, form, {cv.id: str(file)})

        stored = session.get_one(FileRow, file)
        assert b"PDF" not in stored.sealed
        assert files.content(session, file, ring=RING) == a_pdf()
        with pytest.raises(InvalidInput):  # the id alone gives it to nobody else
            signed_up(session, event, form, {cv.id: str(file)})


def test_a_file_that_nobody_sent_off_goes_after_an_hour(session: Session) -> None:
    event = an_event(session)
    cv = a_question(Kind.FILE)
    asks(session, event, cv)
    a_file(session, event, cv.id)

    forget_answers(session=session, now=later(minutes=59))
    assert session.scalar(select(func.count()).select_from(FileRow)) == 1
    forget_answers(session=session, now=later(minutes=60))
    assert session.scalar(select(func.count()).select_from(FileRow)) == 0


def test_files_that_nobody_sends_off_cannot_fill_the_disk(session: Session) -> None:
    event = an_event(session)
    cv = a_question(Kind.FILE)
    asks(session, event, cv)
    for number in range(files.MOST_WAITING + 3):
        a_file(session, event, cv.id, now=later(seconds=number))

    assert session.scalar(select(func.count()).select_from(FileRow)) == files.MOST_WAITING


def test_she_changes_her_answers_and_takes_one_back(session: Session) -> None:
    event = an_event(session)
    cv = a_question(Kind.FILE)
    form = asks(session, event, NAME, DIET, cv)
    old, new = a_file(session, event, cv.id), a_file(session, event, cv.id)
    registration_id = signed_up(session, event, form, {NAME.id: "A", DIET.id: "halal", cv.id: str(old)})

    sheet = settle(form, {NAME.id: "B", DIET.id: "halal", cv.id: str(new)}, consents=())
    edit_answers(registration_id, sheet, session=session, now=later(days=1), terms=AT_ONCE)

    assert kept(session, registration_id) == {NAME.id: "B", cv.id: str(new)}
    assert session.scalars(select(FileRow.id)).all() == [new]


def test_answers_to_questions_that_are_gone_survive_a_change(session: Session) -> None:
    event = an_event(session)
    registration_id = signed_up(session, event, asks(session, event, NAME), {NAME.id: "A"})
    other = a_question()

    form = asks(session, event, other)
    edit_answers(registration_id, settle(form, {other.id: "x"}, ()), session=session, now=NOW, terms=AT_ONCE)

    assert kept(session, registration_id) == {NAME.id: "A", other.id: "x"}


def test_answers_are_fixed_once_the_event_begins(session: Session) -> None:
    event = an_event(session)
    form = asks(session, event, NAME)
    registration_id = signed_up(session, event, form, {NAME.id: "A"})

    with pytest.raises(AnswersAreFixed):
        edit_answers(
            registration_id,
            settle(form, {NAME.id: "B"}, ()),
            session=session,
            now=later(days=13, hours=1),
            terms=AT_ONCE,
        )

    assert kept(session, registration_id) == {NAME.id: "A"}
