"""The terms of the application that is answering; app.py puts them there, both doors ask here."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, current_app

from services.registration.domain.registrations import Terms

_NAME = "registration"


@dataclass(frozen=True, kw_only=True)
class House:
    """What doors need besides the request."""

    terms: Terms
    minimum_time: timedelta = timedelta(seconds=2)  # that a person needs for the form


def move_in(app: Flask, house: House) -> None:
    """Tell an application its terms."""
    app.extensions[_NAME] = house


def house() -> House:
    """Of the application that is answering."""
    found: House = current_app.extensions[_NAME]
    return found


def terms() -> Terms:
    """How the application that is answering takes sign-ups."""
    return house().terms
