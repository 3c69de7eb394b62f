"""What somebody says when she signs up, by form or JSON: one set of rules."""

from typing import Any

from marshmallow import fields, post_load

from services.registration.domain.addresses import address
from services.registration.domain.consents import NAMES, PURPOSES
from services.registration.domain.registrations import SignUpWish
from shared.http.audiences import AUDIENCES
from shared.http.fields import Boolean, Choice, EmailAddress, Id, Language, Line, Many, Nested, PersonName, Wish
from shared.http.locale import current_locale

MOST_QUOTAS = 50


class YesOrNo(Boolean):
    """JSON's true or false and nothing that looks like it: a consent must not be an accident."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def _consents(field: type[Boolean], name: str) -> type[Wish]:
    """The schema with one field for each purpose."""
    members: dict[str, Any] = {
        each.name: field(
            load_default=False,
            metadata={"description": f"{each.sentence} {'Required.' if each.required else 'Optional.'}"},
        )
        for each in PURPOSES
    }
    return type(name, (Wish,), members)


ConsentsWish = _consents(YesOrNo, "ConsentsWish")
TickedConsents = _consents(Boolean, "TickedConsents")


class SignUpForm(Wish):
    """The page's form."""

    name = PersonName(required=True, metadata={"description": "One field, any script, letter for letter"})
    email = EmailAddress(required=True)
    locale = Language(load_default=current_locale, metadata={"description": "The language of her mails"})
    quota_ids = Many(
        Id(), most=MOST_QUOTAS, load_default=list, metadata={"description": "Not needed where there is only one"}
    )
    consents = Nested(TickedConsents, load_default=dict)
    together = Boolean(load_default=False, metadata={"description": "Of several quotas all or none"})
    field_of_study = Line(most=80, load_default="", metadata={"description": "Where some subjects come first"})
    audience = Choice("", *AUDIENCES, load_default="", metadata={"description": "Where some groups come first"})
    answers = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), load_default=dict)
    answer_consents = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), load_default=dict)

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> SignUpWish:
        """As the use case wants it."""
        return SignUpWish(
            name=data["name"],
            address=address(data["email"]),
            locale=data["locale"],
            quota_ids=tuple(data["quota_ids"]),
            consents=frozenset(name for name in NAMES if data["consents"].get(name)),
            source=self.source,
            together=data["together"],
            field_of_study=data["field_of_study"],
            audience=data["audience"],
            answers=data["answers"],
            answer_consents=ticked(data),
        )

    source = "form"


def ticked(data: dict[str, Any]) -> frozenset[str]:
    """The questions whose sensitive answer may be kept."""
    return frozenset(name for name, agreed in data["answer_consents"].items() if agreed)


class PlacesForm(Wish):
    """The page on which she changes where she takes part."""

    quota_ids = Many(Id(), most=MOST_QUOTAS, load_default=list)


class AnswersForm(Wish):
    """A page with the questions of the event."""

    answers = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), load_default=dict)
    answer_consents = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), load_default=dict)


class AnswersJson(Wish):
    """Answers as JSON."""

    answers = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        load_default=dict,
        metadata={"description": "Answers by question id, as GET /events/{event_id}/form asks them; of files their id"},
    )
    answer_consents = fields.Dict(
        keys=fields.String(),
        values=YesOrNo(),
        load_default=dict,
        metadata={"description": "true by question id: this sensitive answer may be kept"},
    )


class SignUpJson(AnswersJson, SignUpForm):
    """The JSON door's body."""

    consents = Nested(
        ConsentsWish, required=True, metadata={"description": "`privacy` must be true; the others are free"}
    )
    source = "api"
