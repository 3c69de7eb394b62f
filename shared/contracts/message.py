"""A message is a past-tense fact; the registry knows every type and how it is written down."""

import dataclasses
import functools
import json
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from marshmallow import EXCLUDE, Schema, fields, post_load


@dataclass(frozen=True, kw_only=True)
class Message:
    """Base of all messages.

    A subclass sets `producer`; its type is derived from its name: RegistrationConfirmed of registration is
    "registration.registration_confirmed.v1". Fields may be added if they have a default; anything else is a
    new class with a higher `contract_version` (RegistrationConfirmedV2), published beside the old one.
    """

    producer: ClassVar[str]
    contract_version: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type."""
        return _type_name(cls)  # type: ignore[arg-type]

    def dump(self, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """As JSON values: UUIDs and instants as text, nested dataclasses as objects.

        `without` names members that the caller has as JSON already.
        """
        return typing.cast("dict[str, Any]", _schema_without(type(self), without).dump(self))  # type: ignore[arg-type]

    @classmethod
    def load(cls, data: dict[str, Any]) -> Self:
        """From JSON values. Unknown fields are ignored; wrong ones raise marshmallow.ValidationError."""
        return typing.cast("Self", schema_of(cls).load(data))  # type: ignore[arg-type]


@functools.cache
def _type_name(cls: type[Message]) -> str:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", re.sub(r"V\d+$", "", cls.__name__)).lower()
    return f"{cls.producer}.{name}.v{cls.contract_version}"


REGISTRY: dict[str, type[Message]] = {}
M = TypeVar("M", bound=type[Message])
T = TypeVar("T")


def register(cls: M) -> M:
    """Make a message type known by its name."""
    REGISTRY[cls.type_name()] = cls
    return cls


@functools.cache
def schema_of(cls: type) -> Schema:
    """The marshmallow schema of a frozen dataclass, nested ones included."""
    hints = typing.get_type_hints(cls)
    members: dict[str, Any] = {each.name: _field(hints[each.name], each) for each in dataclasses.fields(cls)}

    def build(_schema: Schema, data: dict[str, Any], **_: Any) -> Any:
        return cls(**data)

    members["build"] = post_load(build)
    members["Meta"] = type("Meta", (), {"unknown": EXCLUDE})
    return typing.cast("type[Schema]", type(f"{cls.__name__}Schema", (Schema,), members))()


@functools.cache
def _schema_without(cls: type, members: tuple[str, ...]) -> Schema:
    whole = schema_of(cls)
    return type(whole)(exclude=members) if members else whole


_SIMPLE: dict[Any, type[fields.Field[Any]]] = {
    str: fields.String,
    bool: fields.Boolean,
    UUID: fields.UUID,
    datetime: fields.AwareDateTime,
    date: fields.Date,
    float: fields.Float,
}


def _field(hint: Any, member: "dataclasses.Field[Any] | None") -> "fields.Field[Any]":
    options: dict[str, Any] = {"required": member is None or _has_no_default(member)}
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        (hint,) = (each for each in typing.get_args(hint) if each is not type(None))
        options["allow_none"] = True
    if hint is int:
        return fields.Integer(strict=True, **options)
    if hint in _SIMPLE:
        return _SIMPLE[hint](**options)
    if dataclasses.is_dataclass(hint):
        nested = _SaidOften if getattr(hint, "is_said_often", False) else fields.Nested
        return nested(schema_of(typing.cast("type", hint)), **options)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return fields.Enum(hint, by_value=True, **options)
    return _collection(hint, options)


def _collection(hint: Any, options: dict[str, Any]) -> "fields.Field[Any]":
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is dict:
        return fields.Dict(keys=_field(arguments[0], None), values=_field(arguments[1], None), **options)
    if typing.get_origin(hint) is tuple:
        return _Tuple(_field(arguments[0], None), **options)
    raise TypeError(f"no wire form for {hint!r}")


class _Tuple(fields.List[Any]):
    """A JSON array that becomes a tuple, so that messages stay immutable."""

    def _deserialize(self, *args: Any, **options: Any) -> Any:
        return tuple(super()._deserialize(*args, **options))


def read_own(cls: type[T], data: dict[str, Any]) -> T:
    """What schema_of(cls) once wrote, from our own database: it was judged when it came, and is not judged again."""
    return typing.cast("T", _reader(typing.cast("Any", cls))(data))


@functools.cache
def _reader(cls: type) -> Callable[[dict[str, Any]], Any]:
    hints = typing.get_type_hints(cls)
    members = [(each.name, _reading(hints[each.name])) for each in dataclasses.fields(cls)]

    def read(data: dict[str, Any]) -> Any:
        said = [(name, data[name], as_said) for name, as_said in members if name in data]
        return cls(**{name: value if as_said is None else as_said(value) for name, value, as_said in said})

    return read


_AS_SAID: dict[Any, Callable[[Any], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def _reading(hint: Any) -> Callable[[Any], Any] | None:
    """From a JSON value; None where it stays as it is."""
    arguments = typing.get_args(hint)
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        inner = _reading(next(each for each in arguments if each is not type(None)))
        return None if inner is None else lambda value: None if value is None else inner(value)
    if typing.get_origin(hint) is tuple:
        item = _reading(arguments[0])
        return tuple if item is None else lambda values: tuple(map(item, values))
    if dataclasses.is_dataclass(hint):
        return _reader(typing.cast("type", hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return _AS_SAID.get(hint)


class _SaidOften(fields.Nested):
    """What many messages carry alike: reading it takes longer than recognising it by its text."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return _read_once(typing.cast("Schema", self.nested), json.dumps(value))


@functools.lru_cache(maxsize=100)  # some kilobytes each
def _read_once(schema: Schema, text: str) -> Any:
    return schema.load(json.loads(text))


def _has_no_default(member: "dataclasses.Field[Any]") -> bool:
    return member.default is dataclasses.MISSING and member.default_factory is dataclasses.MISSING
