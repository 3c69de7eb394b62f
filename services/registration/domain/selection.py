"""Which of an event's registrations are meant, and in which order they are read."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

MOST_SELECTED = 10_000  # registrations of one action on many


class Order(StrEnum):
    """How the list is sorted."""

    ARRIVAL = "arrival"
    NEWEST = "newest"
    NAME = "name"
    NAME_BACKWARDS = "name_backwards"

    @property
    def is_descending(self) -> bool:
        """Whether the last comes first."""
        return self in (Order.NEWEST, Order.NAME_BACKWARDS)

    @property
    def is_by_name(self) -> bool:
        """Else by the time of the sign-up."""
        return self in (Order.NAME, Order.NAME_BACKWARDS)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """All that is given must hold. `ids` names registrations one by one; None: all that match the rest."""

    search: str = ""
    status: str | None = None
    quota_id: UUID | None = None
    checked_in: bool | None = None
    consent: str | None = None
    source: str | None = None
    has_note: bool | None = None
    locale: str | None = None
    answer: tuple[UUID, str] | None = None  # a question, and what was answered as conditions have it
    ids: tuple[UUID, ...] | None = None

    def narrowed(self) -> int:
        """How many filters are set."""
        plain = (self.status, self.quota_id, self.checked_in, self.consent, self.source, self.has_note, self.locale)
        return sum(each is not None for each in (*plain, self.answer)) + bool(self.search)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What is known of a person's earlier registrations with the same organisation.

    `not_recorded` are events at whose door nobody was checked in at all: there, nothing follows from a missing scan.
    """

    came: int = 0
    missed: int = 0
    not_recorded: int = 0
