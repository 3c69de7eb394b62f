"""What other systems can be told, when a delivery is tried again, and when an endpoint is left alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.errors import N_

KINDS = (
    "event.published",
    "event.changed",
    "event.rescheduled",
    "event.cancelled",
    "registration.confirmed",
    "registration.waitlisted",
    "registration.applied",
    "registration.offered",
    "registration.cancelled",
    "availability.changed",
    "attendee.checked_in",
    "attendee.check_in_undone",
)
TEST = "webhook.test"
MOST = 10  # endpoints of one organisation

REASONS = {
    "malformed": N_("This is not an address that we can call. Please write it like https://example.org/hooks."),
    "not_https": N_("Only https addresses are called."),
    "credentials": N_("Please leave out user name and password; the signature proves who is calling."),
    "port": N_("Only the usual https port 443 is called."),
    "unknown_name": N_("This name is not known on the internet."),
    "private_address": N_("This address lies in a private network and is not called."),
    "timeout": N_("No answer within five seconds."),
    "unreachable": N_("Nobody answers there."),
    "tls": N_("The certificate or the encryption is not in order."),
    "not_http": N_("The answer was not HTTP."),
    "redirect": N_("The answer was a redirect. Redirects are not followed."),
    "status": N_("The answer was not a success."),
    "gone": N_("The receiver answered that it is gone (410)."),
    "secret": N_("The secret can no longer be opened. Please roll it."),
}
"""Why a delivery did not arrive, or an address is refused."""

PAUSES = (  # after the first attempt, the second …: three days in all
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
GIVE_UP_AFTER = timedelta(hours=80)
RESTS = tuple(timedelta(seconds=seconds) for seconds in (0, 5, 30, 60, 300, 900))  # of an endpoint that keeps failing
PAUSED_AFTER = timedelta(days=3)
LEASE = timedelta(seconds=60)  # nobody else calls the endpoint meanwhile; an attempt takes five seconds
OLD_SECRET_FOR = timedelta(hours=24)
KEPT = timedelta(days=14)


class EndpointState(StrEnum):
    """Whether an endpoint is told, and who stopped it: people, the receiver with 410, or its silence."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"
    FAILING = "failing"


class DeliveryState(StrEnum):
    """Where a delivery is."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of one call: the status that was answered, or why there was none."""

    status: int | None = None
    reason: str = ""

    @classmethod
    def answered(cls, status: int) -> "Attempt":
        """2xx is a success, everything else is not."""
        if 200 <= status < 300:
            return cls(status=status)
        if 300 <= status < 400:
            return cls(status=status, reason="redirect")
        return cls(status=status, reason="gone" if status == 410 else "status")

    @property
    def arrived(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and not self.reason


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The new state of a delivery."""

    state: DeliveryState
    next_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an endpoint does: failures in a row, since when, and until when it is left alone."""

    state: EndpointState = EndpointState.ACTIVE
    failures: int = 0
    failing_since: datetime | None = None
    rest_until: datetime | None = None


def outcome(attempt: Attempt, *, attempts: int, since: datetime, now: datetime, jitter: float) -> Outcome:
    """The state after so many attempts since then; `jitter` in 0..1 spreads the retries by up to a fifth."""
    if attempt.arrived:
        return Outcome(state=DeliveryState.DELIVERED)
    if attempt.reason == "gone" or attempts > len(PAUSES) or now - since >= GIVE_UP_AFTER:
        return Outcome(state=DeliveryState.FAILED)
    return Outcome(state=DeliveryState.QUEUED, next_at=now + PAUSES[attempts - 1] * (1 + jitter / 5))


def standing(attempt: Attempt, *, failures: int, failing_since: datetime | None, now: datetime) -> Standing:
    """How the endpoint does after an attempt. One that fails again and again is called less, after days not at all."""
    if attempt.arrived:
        return Standing()
    since = failing_since or now
    state = EndpointState.ACTIVE
    if attempt.reason == "gone":
        state = EndpointState.GONE
    elif now - since >= PAUSED_AFTER:
        state = EndpointState.FAILING
    rest = RESTS[min(failures, len(RESTS) - 1)]
    return Standing(state=state, failures=failures + 1, failing_since=since, rest_until=now + rest)
