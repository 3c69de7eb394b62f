"""Forms as an organiser writes them, by page or JSON: one set of rules."""

from typing import Any
from uuid import UUID, uuid4

from marshmallow import Schema, fields, post_load

from services.registration.domain.forms import MOST_OPTIONS, MOST_QUESTIONS, FormVersion, Questions, put
from services.registration.domain.questions import (
    CHOICES,
    MOST_RETENTION,
    ORDINARY_RETENTION,
    SENSITIVE_RETENTION,
    Condition,
    Kind,
    Option,
    Question,
    to_document,
)
from services.registration.schemas.answers import Number
from shared.errors import N_, InvalidInput
from shared.http.fields import Boolean, Choice, Id, Line, Many, Nested, Translations, Whole, Wish

MOST_LABEL, MOST_HELP = 300, 1000
KINDS = [str(each) for each in Kind]


class OptionWish(Wish):
    """One of several answers. Without a key it gets one."""

    key = Line(most=40, load_default="", metadata={"description": "Stays when the label changes; answers hold it"})
    label = Translations(most=200, load_default=dict)


class ConditionWish(Wish):
    """Ask only after a certain answer."""

    question_id = Id(required=True)
    value = Line(required=True, most=40, metadata={"description": "An option's key, a level, or yes | no"})


class QuestionWish(Wish):
    """A question. A known id keeps its answers together; another kind makes it another question."""

    id = Id(load_default=None, allow_none=True)
    kind = Choice(*KINDS, required=True)
    label = Translations(most=MOST_LABEL, required=True)
    help = Translations(most=MOST_HELP, load_default=dict)
    purpose = Translations(most=MOST_LABEL, required=True, metadata={"description": "Why it is asked; people read it"})
    required = Boolean(load_default=False)
    sensitive = Boolean(
        load_default=False, metadata={"description": "Access needs, diet, childcare …: encrypted, own consent"}
    )
    must_agree = Boolean(load_default=False, metadata={"description": "Of yes_no: a box that has to be ticked"})
    options = Many(Nested(OptionWish), most=MOST_OPTIONS, load_default=list)
    condition = Nested(ConditionWish, load_default=None, allow_none=True)
    retention_days = Whole(least=1, most=MOST_RETENTION, load_default=None, allow_none=True)
    least = Number(None, None, load_default=None, allow_none=True)
    most = Number(None, None, load_default=None, allow_none=True)

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> Question:
        """As the domain wants it."""
        return question_of(data)


class FormWish(Wish):
    """The whole form, in order."""

    questions = Many(Nested(QuestionWish), most=MOST_QUESTIONS, required=True)


class CopyWish(Wish):
    """Whose form is taken over."""

    from_event_id = Id(required=True, metadata={"description": "Another event of the same organisation"})


class QuestionForm(Wish):
    """The page for one question. `condition` is "<question id>:<answer>"."""

    label = Translations(most=MOST_LABEL, load_default=dict)
    help = Translations(most=MOST_HELP, lines=True, load_default=dict)
    purpose = Translations(most=MOST_LABEL, load_default=dict)
    required = Boolean(load_default=False)
    sensitive = Boolean(load_default=False)
    must_agree = Boolean(load_default=False)
    options = Many(Nested(OptionWish), most=MOST_OPTIONS + 20, load_default=list)
    condition = Line(most=80, load_default="")
    retention_days = Whole(least=1, most=MOST_RETENTION, load_default=None, allow_none=True)
    least = Number(None, None, load_default=None, allow_none=True)
    most = Number(None, None, load_default=None, allow_none=True)


class OptionSchema(Schema):
    """One of several answers."""

    key = fields.String(required=True)
    label = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ConditionSchema(Schema):
    """Asked only after a certain answer."""

    question_id = fields.UUID(required=True)
    value = fields.String(required=True)


class QuestionSchema(Schema):
    """A question as it is asked."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    label = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    help = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    purpose = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    required = fields.Boolean(required=True)
    sensitive = fields.Boolean(required=True)
    must_agree = fields.Boolean(required=True)
    options = fields.List(fields.Nested(OptionSchema), required=True)
    condition = fields.Nested(ConditionSchema, required=True, allow_none=True)
    retention_days = fields.Integer(required=True, metadata={"description": "Days after the event"})
    least = fields.Float(required=True, allow_none=True)
    most = fields.Float(required=True, allow_none=True)


class FormSchema(Schema):
    """What an event asks those who sign up. version null: nothing."""

    event_id = fields.UUID(required=True)
    version = fields.Integer(required=True, allow_none=True)
    questions = fields.List(fields.Nested(QuestionSchema), required=True)


class FileQuery(Wish):
    """Which question a file answers."""

    question_id = Id(required=True)


class FileSchema(Schema):
    """A file that was taken in. Its id is the answer to the question, for an hour."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)


def form_document(event_id: UUID, version: FormVersion | None) -> dict[str, Any]:
    """What FormSchema writes down."""
    questions = version.questions if version else ()
    return {
        "event_id": event_id,
        "version": version.number if version else None,
        "questions": [to_document(each) for each in questions],
    }


def whole_form(wish: dict[str, Any]) -> Questions:
    """All questions, each checked at its place. Raises InvalidInput with `questions.<number>.<field>`."""
    questions: Questions = ()
    for number, each in enumerate(wish["questions"]):
        if any(one.id == each.id for one in questions):
            raise InvalidInput({f"questions.{number}.id": [N_("This id stands there twice.")]})
        try:
            questions = put(questions, each)
        except InvalidInput as fault:
            raise InvalidInput({f"questions.{number}.{name}": said for name, said in fault.errors.items()}) from None
    return questions


def question_of(data: dict[str, Any], *, id: UUID | None = None, kind: Kind | None = None) -> Question:  # noqa: A002
    """A question from what was loaded; what does not belong to its kind is left out."""
    kind = kind or Kind(data["kind"])
    usual = SENSITIVE_RETENTION if data["sensitive"] else ORDINARY_RETENTION
    is_number = kind == Kind.NUMBER
    return Question(
        id=id or data.get("id") or uuid4(),
        kind=kind,
        label=data["label"],
        help=data["help"],
        purpose=data["purpose"],
        required=data["required"],
        sensitive=data["sensitive"],
        must_agree=data["must_agree"] and kind == Kind.YES_NO,
        options=_options(data["options"]) if kind in CHOICES else (),
        condition=_condition(data["condition"]),
        retention_days=data["retention_days"] or usual,
        least=data["least"] if is_number else None,
        most=data["most"] if is_number else None,
    )


def _options(written: list[dict[str, Any]]) -> tuple[Option, ...]:
    named = [each for each in written if any(each["label"].values())]
    return tuple(Option(key=each["key"] or uuid4().hex[:12], label=each["label"]) for each in named)


def _condition(written: Any) -> Condition | None:
    if not written:
        return None
    if isinstance(written, dict):
        return Condition(**written)
    question_id, _colon, value = str(written).partition(":")
    try:
        return Condition(question_id=UUID(question_id), value=value)
    except ValueError:
        raise InvalidInput({"condition": [N_("Please choose an answer to a question that comes before.")]}) from None
