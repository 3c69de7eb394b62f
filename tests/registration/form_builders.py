"""Forms, questions and files that state only what differs."""

import io
import zlib
from dataclasses import replace
from typing import Any
from uuid import uuid4

from PIL import Image
from sqlalchemy.orm import Session

from services.registration.domain.forms import FormVersion, Questions
from services.registration.domain.questions import Condition, Kind, Option, Question
from services.registration.storage import forms
from services.registration.storage.tables import Event
from tests.registration.builders import NOW

YES = (Option(key="yes", label={"de": "Ja", "en": "Yes"}), Option(key="no", label={"de": "Nein", "en": "No"}))
COLOURS = (
    Option(key="red", label={"de": "Rot", "en": "Red"}),
    Option(key="blue", label={"de": "Blau", "en": "Blue"}),
    Option(key="green", label={"de": "Grün", "en": "Green"}),
)


def a_question(kind: Kind = Kind.TEXT, **differences: Any) -> Question:
    """An optional question that somebody could ask."""
    usual = Question(
        id=uuid4(),
        kind=kind,
        label={"de": "Was wollen Sie wissen?", "en": "What do you want to know?"},
        purpose={"de": "Damit wir uns vorbereiten können.", "en": "So that we can prepare."},
        options=COLOURS if kind in {Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE} else (),
    )
    return replace(usual, **differences)


def after(question: Question, value: str) -> Condition:
    """Asked only if the other was answered so."""
    return Condition(question_id=question.id, value=value)


def a_form(*questions: Question) -> FormVersion:
    """A version that nobody stored."""
    return FormVersion(id=uuid4(), event_id=uuid4(), number=1, questions=questions)


def asks(session: Session, event: Event, *questions: Question) -> FormVersion:
    """The event asks these from now on."""
    forms.lock_draft(session, event.id, now=NOW)
    forms.keep_draft(session, event.id, questions, now=NOW)
    return forms.publish(session, event.id, questions, now=NOW)


def one_of_each_kind() -> Questions:
    """A question of every kind."""
    return tuple(a_question(kind, label={"de": f"Frage {kind}", "en": f"Question {kind}"}) for kind in Kind)


def a_picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """A small picture."""
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, kind, **options)
    return stream.getvalue()


def a_pdf(inside: bytes = b"", behind: bytes = b"") -> bytes:
    """The least that counts as a PDF of one page."""
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R" + inside + b">>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n"
        b"xref\n0 4\ntrailer<</Root 1 0 R/Size 4>>\nstartxref\n9\n%%EOF\n" + behind
    )


def packed(objects: bytes) -> bytes:
    """Objects in a compressed stream, as newer PDFs hold them."""
    body = zlib.compress(objects)
    return b">>endobj\n9 0 obj<</Type/ObjStm/N 1/Filter/FlateDecode>>stream\n" + body + b"\nendstream endobj 8 0 obj<<"
