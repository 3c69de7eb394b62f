"""A rejection is a foreseen "no" of the domain, named after the rule that says it."""

import re
from typing import Any, ClassVar, Literal


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark a sentence for translation where no language is known yet."""
    return text


Kind = Literal[
    "unknown", "unauthenticated", "forbidden", "conflict", "gone", "too_large", "unsupported", "invalid", "too_many"
]


class Rejection(Exception):
    """Raised by domain and use cases, translated by the doors, caught by nobody between.

    `kind` decides the HTTP status (shared.http.problems holds the one table), `title` and `detail` are
    English sentences marked with N_; `detail` may name facts as %(name)s. Facts are plain values and go
    into the problem document, so they must never hold what the reader may not know.
    """

    kind: ClassVar[Kind] = "conflict"
    title: ClassVar[str] = N_("This is not possible")
    detail: ClassVar[str] = ""

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.slug())
        self.facts = facts

    @classmethod
    def slug(cls) -> str:
        """The rule's name as it stands in a problem's type: EventIsFull -> event-is-full."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


class NotFound(Rejection):
    """Unknown, or somebody else's: the asker must not be able to tell which."""

    kind = "unknown"
    title = N_("There is nothing here")
    detail = N_("It does not exist, or it is not yours to see.")


class NotSignedIn(Rejection):
    """Nobody is known to be asking."""

    kind = "unauthenticated"
    title = N_("Please sign in first")


class NotPermitted(Rejection):
    """The thing is the asker's to see, but this action needs another role."""

    kind = "forbidden"
    title = N_("Your role does not allow this")


class InvalidInput(Rejection):
    """A rule about fields that only the use case can check; `errors` is {field: [sentence, …]}."""

    kind = "invalid"
    title = N_("Please check what you entered")

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__()
        self.errors = errors
