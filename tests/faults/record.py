"""What every client was told, what the mail server took, and which faults there were: the book the checks read."""

import time
from dataclasses import dataclass, field

CAN_LOSE_AN_ANSWER = frozenset({"kill", "postgres", "disk", "clock"})
"""Faults after which the postman cannot know whether the mail server took what it was carrying."""


@dataclass
class Answer:
    """One answer over HTTP. Status 0: none came."""

    method: str
    path: str
    status: int
    language: str = ""
    content_type: str = ""
    retry_after: str = ""
    body: str = ""
    seconds: float = 0.0
    at: float = field(default_factory=time.monotonic)


@dataclass
class Person:
    """One wish to take part. `signed_up`: asked, answered, refused or unknown; the others: "", asked or answered."""

    email: str
    event_id: str
    by: str  # organiser | stranger | form
    accepts_mail: bool = True
    registration_id: str = ""
    signed_up: str = "asked"
    told: str = ""
    confirmed: str = ""
    cancelled: str = ""
    asked_at: float = 0.0
    counts_since: float | None = None  # when she was told that nothing more is needed of her

    @property
    def is_in_doubt(self) -> bool:
        """Whether some answer to her was lost for good."""
        return self.signed_up == "unknown" or "asked" in (self.confirmed, self.cancelled)


@dataclass
class Scan:
    """One scan at a door; status as answered, 0 if no answer came."""

    scan_id: str
    email: str
    device: str
    status: int = 0
    reason: str = ""


@dataclass
class Plan:
    """An event as its organiser was told it is. More than one value: an answer was lost."""

    id: str
    slug: str
    session_id: str
    titles: set[str]
    capacities: set[int]
    starts: set[str]
    statuses: set[str]

    @property
    def is_open(self) -> bool:
        """Whether people may still sign up."""
        return self.statuses == {"published"}


@dataclass
class Delivery:
    """A mail that the mail server took; `answered`: whether it said so."""

    at: float
    recipient: str
    raw: bytes
    answered: bool


@dataclass
class Fault:
    """Something that was done to the product."""

    kind: str
    what: str
    began: float
    ended: float


@dataclass
class Record:
    """Written by many threads; every write is one append or one attribute."""

    answers: list[Answer] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    plans: dict[str, Plan] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    operations: dict[str, int] = field(default_factory=dict)
    samples: int = 0
    seen: list[str] = field(default_factory=list)  # violations seen while it ran
    may_expire: bool = False  # the one clock there is was moved: what is held for a time may have ended

    def could_be_lost(self, at: float) -> bool:
        """Whether a fault stood between the mail server's answer at that moment and its being written down."""
        return any(
            each.kind in CAN_LOSE_AN_ANSWER and each.began - 3 <= at <= each.ended + 3 for each in list(self.faults)
        )

    def around(self, at: float) -> str:
        """The faults before and after a moment, for reports."""
        near = sorted(self.faults, key=lambda each: min(abs(each.began - at), abs(each.ended - at)))[:3]
        return ", ".join(f"{each.what} from {each.began - at:+.1f} to {each.ended - at:+.1f} s" for each in near)

    def note(self, operation: str) -> None:
        """Count what was done; a lost count harms nobody."""
        self.operations[operation] = self.operations.get(operation, 0) + 1
