"""Lists of people to be signed up: pasted, sent as a file, or as JSON; each row by the rules of the sign-up form."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_load

from services.registration.domain.addresses import address, no_address
from services.registration.domain.consents import NAMES
from services.registration.domain.people_list import MOST_ROWS, Row
from services.registration.domain.registrations import SignUpWish
from services.registration.schemas.sign_up import (
    MOST_QUOTAS,
    AnswersForm,
    AnswersJson,
    ConsentsWish,
    SignUpForm,
    TickedConsents,
    ticked,
)
from shared.errors import N_
from shared.http.fields import Boolean, EmailAddress, Id, Language, Many, Nested, PersonName, Wish
from shared.http.locale import _, current_locale
from shared.http.wording import flat

_CONSENTS = ("photo", "share_with_company", "newsletter")
_FIELD_NAMES = {"name": N_("Name"), "email": N_("E-mail address"), "locale": N_("Language"), "quota_ids": N_("Places")}


class ImportForm(Wish):
    """The page: a file or a text, then the same once more to carry it out."""

    text = fields.String(load_default="")
    fields_ = Many(fields.String(), most=100, load_default=None, allow_none=True, data_key="fields")
    locale = Language(required=True)
    quota = Id(load_default=None, allow_none=True)
    has_read = Boolean(load_default=False)
    run_id = Id(load_default=None, allow_none=True)
    step = fields.String(load_default="try")


class ImportedPerson(AnswersJson):
    """One person of a list. Her address counts at once: the organiser answers for it."""

    name = PersonName(required=True)
    email = EmailAddress(required=True)
    locale = Language(load_default=current_locale)
    quota_ids = Many(Id(), most=MOST_QUOTAS, load_default=list)
    consents = Nested(ConsentsWish, required=True, metadata={"description": "`privacy` must be true"})

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
            answers=data["answers"],
            answer_consents=ticked(data),
        )

    source = "import"


class WalkInJson(ImportedPerson):
    """Somebody at the door; an address is not needed."""

    email = EmailAddress(load_default="", metadata={"description": "Without one she gets no mail"})
    session_id = Id(load_default=None, allow_none=True, metadata={"description": "Check her in there at once"})
    source = "walk_in"

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> tuple[SignUpWish, UUID | None]:
        """As the use case wants it: the wish, and where she is checked in."""
        wish = replace(walk_in_wish(data), answers=data["answers"], answer_consents=ticked(data))
        return wish, data["session_id"]


class WalkInForm(AnswersForm):
    """The same on the page."""

    name = PersonName(required=True)
    email = EmailAddress(load_default="")
    locale = Language(load_default=current_locale)
    quota_ids = Many(Id(), most=MOST_QUOTAS, load_default=list)
    session_id = Id(load_default=None, allow_none=True)
    consents = Nested(TickedConsents, load_default=dict)

    @post_load
    def build(self, data: dict[str, Any], **_options: Any) -> tuple[SignUpWish, UUID | None]:
        """As the use case wants it."""
        return walk_in_wish(data), data["session_id"]


class ImportJson(Wish):
    """The JSON door's body."""

    people = Many(Nested(ImportedPerson), least=1, most=MOST_ROWS, required=True)
    dry_run = Boolean(load_default=False, metadata={"description": "Say what would happen, and do nothing"})


class SkippedSchema(Schema):
    """Somebody who is not signed up by this, because she is already."""

    row = fields.Integer(required=True, metadata={"description": "Counted from 1"})
    reason = fields.String(required=True, metadata={"description": "registered-already or twice-in-the-list"})


class ImportSchema(Schema):
    """What became of a list, or would."""

    added = fields.Integer(required=True)
    skipped = fields.List(fields.Nested(SkippedSchema), required=True)
    dry_run = fields.Boolean(required=True)


def walk_in_wish(data: dict[str, Any]) -> SignUpWish:
    """Of somebody at the door."""
    return SignUpWish(
        name=data["name"],
        address=address(data["email"]) if data["email"] else no_address(),
        locale=data["locale"],
        quota_ids=tuple(data["quota_ids"]),
        consents=frozenset(name for name in NAMES if data["consents"].get(name)),
        source="walk_in",
    )


def wish_of(
    row: Row, *, locale: str, quota: UUID | None, quotas_by_name: Mapping[str, UUID]
) -> tuple[SignUpWish | None, list[str]]:
    """The sign-up that a row asks for, or sentences about its faults in the reader's language."""
    given: dict[str, Any] = {
        "name": row.name(),
        "email": row.cells.get("email", ""),
        "locale": row.cells.get("locale", locale).lower() or locale,
        "consents": {"privacy": True, **{each: row.agrees(each) for each in _CONSENTS}},
    }
    faults: list[str] = []
    named = row.cells.get("quota", "")
    chosen = quotas_by_name.get(named.casefold(), quota) if named else quota
    if named and named.casefold() not in quotas_by_name:
        faults.append(_("There are no places called “%(name)s”.", name=named))
    if chosen:
        given["quota_ids"] = [str(chosen)]
    try:
        wish: SignUpWish = _Row().load(given)
    except ValidationError as fault:
        return None, faults + _sentences(flat(fault.messages))
    return (None if faults else wish), faults


class _Row(SignUpForm):
    source = "import"


def _sentences(found: Mapping[str, Iterable[str]]) -> list[str]:
    return [
        f"{_(_FIELD_NAMES[name])}: {sentence}" if name in _FIELD_NAMES else sentence
        for name, sentences in found.items()
        for sentence in sentences
    ]
