"""Answers on a posted page: files are taken in first, then everything is read by the form's one schema."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import request
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from services.registration.domain.answers import Answer, Sheet
from services.registration.domain.forms import FormVersion
from services.registration.domain.questions import Kind, Question
from services.registration.domain.uploads import MOST_BYTES, CleanFile
from services.registration.schemas.answers import read_sheet
from services.registration.schemas.house import terms
from services.registration.storage import events, files, forms
from services.registration.storage.files import FileFacts
from services.registration.storage.tables import Event
from services.registration.use_cases.clean_upload import clean_upload
from services.registration.web import question_view
from services.registration.web.question_view import Asked
from shared import clock
from shared.errors import InvalidInput, Rejection
from shared.http.app import transaction
from shared.http.forms import Form, read_form
from shared.http.hardening import MIB
from shared.http.problems import sentence

MOST_BODY = 17 * MIB  # three files and a form
REMOVE = "remove"
_ANSWERS, _CONSENTS = "answers.", "answer_consents."


def has_files() -> bool:
    """Whether somebody chose a file."""
    return any(file.filename for file in request.files.values())


def take_in(form: FormVersion | None) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Clean the posted files and keep them: ({field: file id}, {field: sentences}). Files nobody asked for are left."""
    taken: dict[str, str] = {}
    faults: dict[str, list[str]] = {}
    for question in form.questions if form else ():
        name = f"{_ANSWERS}{question.id}"
        file = request.files.get(name)
        if question.kind == Kind.FILE and form and file is not None and file.filename:
            try:
                taken[name] = str(_kept(file, question, form.event_id).id)
            except Rejection as rejection:
                faults[name] = [sentence(rejection)]
    return taken, faults


def looked_at() -> tuple[dict[str, str], dict[str, list[str]]]:
    """The same without keeping anything, for a preview."""
    taken: dict[str, str] = {}
    faults: dict[str, list[str]] = {}
    for name, file in request.files.items():
        if name.startswith(_ANSWERS) and file.filename:
            try:
                _cleaned(file)
                taken[name] = str(uuid4())
            except Rejection as rejection:
                faults[name] = [sentence(rejection)]
    return taken, faults


def answers_in(form: Form) -> tuple[dict[str, list[str]], frozenset[str]]:
    """({question id: texts}, question ids with consent), as they stand in a form. A removed file is no answer."""
    names = form.names()
    given = {each.removeprefix(_ANSWERS): form.values(each) for each in names if each.startswith(_ANSWERS)}
    answers = {key: [] if REMOVE in texts else [str(each) for each in texts] for key, texts in given.items()}
    agreed = (each for each in names if each.startswith(_CONSENTS) and form.value(each))
    return answers, frozenset(each.removeprefix(_CONSENTS) for each in agreed)


def read(schema: type[Schema], version: FormVersion | None) -> tuple[Any, Form]:
    """A posted page with questions: (the wish or None, the form). Its files are kept whatever else is wrong."""
    taken, faults = take_in(version)
    wish, form = read_form(schema)
    return (None if faults else wish), form.filled(taken).rejected(faults)


def sheet_in(version: FormVersion, form: Form, event: Event, *, by_organiser: bool = False) -> Sheet:
    """The checked answers. Raises InvalidInput.

    An organiser who writes down what she was told may leave everything open; sensitive questions are not hers.
    """
    answers, consents = answers_in(form)
    if by_organiser:
        sensitive = {str(each.id) for each in version.questions if each.sensitive}
        answers = {key: texts for key, texts in answers.items() if key not in sensitive}
    subjects = events.snapshot(event).fields_of_study
    return read_sheet(version, answers, consents, subjects=subjects, needs_all=not by_organiser, is_strict=False)


def context(session: Session, event: Event, form: Form, *, by_organiser: bool = False) -> dict[str, Any]:
    """What a page with questions shows of them: all faults at once, the questions, what the summary calls them."""
    if form.has_errors():
        form = with_faults(form, forms.current(session, event), event, by_organiser=by_organiser)
    questions = asked(session, event, form, by_organiser=by_organiser)
    return {"form": form, "questions": questions, "names": question_view.labels(questions)}


def with_faults(form: Form, version: FormVersion | None, event: Event, *, by_organiser: bool = False) -> Form:
    """The form with what is wrong with its answers beside what is wrong with the rest."""
    try:
        if version is not None:
            sheet_in(version, form, event, by_organiser=by_organiser)
    except InvalidInput as rejection:
        known = form.errors()
        return form.rejected({name: said for name, said in rejection.errors.items() if name not in known})
    return form


def asked(
    session: Session, event: Event, form: Form, version: FormVersion | None = None, *, by_organiser: bool = False
) -> list[Asked]:
    """The questions of a page, with the files that stand in its form."""
    version = version or forms.current(session, event)
    if version is None:
        return []
    chosen: dict[UUID, UUID] = {}
    for each in version.questions:
        if each.kind == Kind.FILE and (file_id := _as_id(form.value(f"{_ANSWERS}{each.id}"))):
            chosen[each.id] = file_id
    known = files.facts(session, list(chosen.values()))
    sent: dict[UUID, FileFacts] = {key: known[file_id] for key, file_id in chosen.items() if file_id in known}
    hers = {key: file for key, file in sent.items() if file.question_id == key}
    shown = tuple(each for each in version.questions if not (by_organiser and each.sensitive))
    subjects = events.snapshot(event).fields_of_study
    return question_view.asked(shown, subjects=subjects, files=hers, needs_all=not by_organiser)


def values_of(answers: Mapping[UUID, Answer]) -> dict[str, Any]:
    """Stored answers as the fields of a form."""
    values: dict[str, Any] = {}
    for question_id, answer in answers.items():
        value = answer.value
        values[f"{_ANSWERS}{question_id}"] = str(value).lower() if isinstance(value, bool) else value
        values[f"{_CONSENTS}{question_id}"] = "true"
    return values


def _kept(file: FileStorage, question: Question, event_id: UUID) -> FileFacts:
    cleaned = _cleaned(file)
    with transaction() as session:
        return files.stage(
            session, cleaned, event_id=event_id, question_id=question.id, ring=terms().ring, now=clock.now()
        )


def _cleaned(file: FileStorage) -> CleanFile:
    return clean_upload(file.filename or "", file.stream.read(MOST_BYTES + 1))


def _as_id(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
