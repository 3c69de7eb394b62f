"""What people enter about themselves and each other."""

from shared.http.fields import Choice, EmailAddress, Language, Line, PersonName, Wish
from shared.policy import Role


class SignInWish(Wish):
    """Where to send the link, and where to go afterwards."""

    email = EmailAddress(required=True)
    next = Line(most=2000, load_default="")


class AccountWish(Wish):
    """What an account says of its owner."""

    name = PersonName(required=True)
    locale = Language(required=True)


class InvitationWish(Wish):
    """Somebody shall belong to the organisation."""

    email = EmailAddress(required=True)
    name = PersonName(load_default="")
    role = Choice(*Role, required=True)


class RoleWish(Wish):
    """What a member shall be from now on."""

    role = Choice(*Role, required=True)


class TokenWish(Wish):
    """A program shall act for the organisation."""

    name = Line(most=100, load_default="")
    role = Choice(*Role, required=True)
