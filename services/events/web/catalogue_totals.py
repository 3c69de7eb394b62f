"""How many events there are and what can be chosen from: asked of the database once for each state of the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from services.events.storage import catalogue
from services.events.storage.catalogue import Search
from services.events.storage.catalogue_state import State

_NAME = "werktor.catalogue_totals"
_MOST = 500


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The catalogue as a whole."""

    count: int
    cities: list[str]
    languages: list[str]


def install(app: Flask) -> None:
    """Give an application its memory of totals."""
    app.extensions[_NAME] = _Memory()


def totals(session: Session, search: Search, state: State, now: datetime, *, places: int) -> Totals:
    """What fits the search, and all towns and languages.

    They depend on the version, on which sessions have ended (the same ones as long as the next end is the same) and,
    if only events with free places are asked for, on `places`, the stamp of them all.
    """
    ask: Callable[..., Any] = partial(current_app.extensions[_NAME].ask, state)
    counted = partial(catalogue.count, session, search)
    question = replace(search, upcoming_at=None), search.upcoming_at is None, places if search.free else 0
    return Totals(
        count=ask(question, counted),
        cities=ask("cities", partial(catalogue.cities, session, now)),
        languages=ask("languages", partial(catalogue.languages, session, now)),
    )


class _Memory:
    """Answers to questions in the latest state; a newer one empties it."""

    def __init__(self) -> None:
        self._state: State | None = None
        self._answers: dict[Any, Any] = {}
        self._lock = Lock()

    def ask(self, state: State, question: Any, ask: Callable[[], Any]) -> Any:
        if state.version is None:
            return ask()
        with self._lock:
            if self._state != state or len(self._answers) >= _MOST:
                self._state, self._answers = state, {}
            if question in self._answers:
                return self._answers[question]
            answers = self._answers
        answers[question] = answer = ask()  # into the memory of this state, even if a newer one has begun meanwhile
        return answer
