"""How both doors take a sign-up: quickly where that is possible, thoroughly everywhere else."""

from services.registration.domain.registrations import Receipt, SignUpWish
from services.registration.schemas.house import terms
from services.registration.use_cases.sign_up_quickly import sign_up_quickly
from shared import clock
from shared.contracts.events import EventSnapshot
from shared.http.app import single_statement


def quick_receipt(wish: SignUpWish, told: EventSnapshot) -> Receipt | None:
    """The receipt of a sign-up that one statement could take; None if use_cases.sign_up is to decide."""
    with single_statement() as direct:
        return sign_up_quickly(wish, told=told, direct=direct, now=clock.now(), terms=terms())
