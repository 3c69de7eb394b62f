"""Stored answers as JSON."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from services.registration.domain.answers import Answer
from services.registration.storage import forms
from shared.http.fields import Boolean, Wish


class AnswersQuery(Wish):
    """How much to read."""

    sensitive = Boolean(
        load_default=False, metadata={"description": "Also those that are encrypted: people with the right, logged"}
    )


class AnswerSchema(Schema):
    """One answer. value null and is_sealed: there is one, but it was not asked for."""

    question_id = fields.UUID(required=True)
    version = fields.Integer(required=True, metadata={"description": "The version of the form it was given to"})
    value = fields.Raw(required=True, allow_none=True)
    is_sealed = fields.Boolean(required=True)
    answered_at = fields.AwareDateTime(required=True)


class AnswersSchema(Schema):
    """What somebody answered."""

    registration_id = fields.UUID(required=True)
    answers = fields.List(fields.Nested(AnswerSchema), required=True)


def answer_documents(
    session: Session, given: Iterable[Answer], *, closed: Collection[UUID] = ()
) -> list[dict[str, Any]]:
    """What AnswerSchema writes down, in an order that stays. Answers to `closed` questions count as sealed."""
    return [
        {
            "question_id": each.question_id,
            "version": forms.get(session, each.form_id).number,
            "value": None if each.question_id in closed else each.value,
            "is_sealed": each.is_sealed or each.question_id in closed,
            "answered_at": each.answered_at,
        }
        for each in sorted(given, key=lambda each: str(each.question_id))
    ]
