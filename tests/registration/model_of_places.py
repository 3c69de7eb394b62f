"""How places are given, in plain Python and too simple to be wrong: no database, no locks, none of the product's code.

Times are whole minutes. What somebody has in a quota is held, waiting, applied, offered or released, as people say it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

GONE = ("cancelled", "expired")


@dataclass
class Person:
    """Somebody who signed up, and every word that she was told, in order."""

    email: str
    status: str
    states: dict[UUID, str]
    together: bool = False
    confirm_by: int | None = None
    is_confirmed: bool = False  # her address
    offered_until: dict[UUID, int] = field(default_factory=dict)
    is_untold: bool = False
    repeated_at: int | None = None
    keeps: dict[UUID, UUID] = field(default_factory=dict)  # a place that she has -> the one she waits for instead
    told: list[str] = field(default_factory=list)

    def within(self, *states: str) -> list[UUID]:
        """The quotas in which she is in one of these states."""
        return sorted(quota for quota, state in self.states.items() if state in states)

    @property
    def is_living(self) -> bool:
        """Whether her registration counts."""
        return self.status not in GONE

    def put(self, quota: UUID, state: str, *, until: int | None = None) -> None:
        """Into another state. What she no longer waits for replaces nothing."""
        self.states[quota] = state
        self.offered_until.pop(quota, None)
        if state == "released":
            self.keeps = {held: wanted for held, wanted in self.keeps.items() if quota not in (held, wanted)}
        if until is not None:
            self.offered_until[quota] = until


@dataclass
class Model:
    """One event."""

    capacity: dict[UUID, int]
    is_combined: bool = False  # people may choose several quotas
    is_applied_for: bool = False  # somebody, or the lot, decides
    offer_minutes: int = 0
    people: dict[UUID, Person] = field(default_factory=dict)
    lines: dict[UUID, list[UUID]] = field(default_factory=dict)  # who waits, in the order of the numbers
    kept: dict[UUID, UUID] = field(default_factory=dict)  # invitation -> the quota in which a place is kept

    def __post_init__(self) -> None:
        self.lines = {quota: [] for quota in self.capacity}

    def taken(self, quota: UUID) -> int:
        """Held, offered, and kept for invited people."""
        theirs = sum(each.states.get(quota) in {"held", "offered"} for each in self.people.values())
        return theirs + list(self.kept.values()).count(quota)

    def has_room(self, quota: UUID) -> bool:
        """Whether there is a place that nobody has."""
        return self.taken(quota) < self.capacity[quota]

    def is_free(self, quota: UUID) -> bool:
        """Whether somebody new gets a place. Where quotas are combined she passes those who could take nothing."""
        return self.has_room(quota) and (self.is_combined or not self.lines[quota])

    def would_get(self, quotas: Iterable[UUID], *, together: bool) -> dict[UUID, int | None]:
        """What somebody new gets: None a place, else a position. She passes those who could take nothing anyway."""
        chosen = sorted(quotas)
        if together and not all(self.has_room(each) for each in chosen):
            return {each: len(self.lines[each]) + 1 for each in chosen}
        return {each: None if self.has_room(each) else len(self.lines[each]) + 1 for each in chosen}

    def sign_up(self, who: UUID, person: Person, *, applies: bool, kept: UUID | None = None) -> dict[UUID, int | None]:
        """Somebody new, in the quotas of her states. `kept`: the invitation by which a place is hers before."""
        chosen = sorted(person.states)
        places: dict[UUID, int | None]
        if applies:
            places = dict.fromkeys(chosen, 0)
        elif kept is not None:
            places = {self.kept.pop(kept): None}
        else:
            places = self.would_get(chosen, together=person.together)
        for quota, position in places.items():
            person.put(quota, "held" if position is None else "waiting" if position else "applied")
            if position:
                self.lines[quota].append(who)
        self.people[who] = person
        if person.status == "pending":
            person.told.append("AddressConfirmationRequested")
        else:
            person.is_confirmed = True
            self._tell_standing(person)
        return places

    def repeat(self, person: Person, minute: int) -> None:
        """Somebody uses a known address again: its owner hears of it, once an hour."""
        if person.repeated_at is None or minute - person.repeated_at >= 60:
            person.repeated_at = minute
            person.told.append("SignUpRepeated")

    def confirm(self, who: UUID, minute: int) -> bool:
        """She uses the link in the mail; False if that comes too late."""
        person = self.people[who]
        if not person.is_living or (person.confirm_by is not None and person.confirm_by <= minute):
            return False
        if person.status == "pending":
            person.confirm_by, person.is_confirmed = None, True
            if self.is_applied_for or not person.within("applied"):
                self._tell_standing(person)
            else:  # what she applied for is decided: she is the last
                self._line_up([who])
                person.is_untold = False
                self._tell_standing(person)
                self.settle(minute)
        return True

    def end(self, leavers: list[UUID], status: str, minute: int) -> None:
        """They are gone, all of them, and only then others get what they had."""
        for who in leavers:
            person = self.people[who]
            for quota in person.within("waiting"):
                self.lines[quota].remove(who)
            for quota in person.states:
                person.put(quota, "released")
            person.status, person.confirm_by = status, None
            person.told.append("RegistrationCancelled")
        self.settle(minute)

    def lapse(self, minute: int) -> None:
        """Addresses that nobody confirmed in time."""
        late = [who for who, each in self.people.items() if each.confirm_by is not None and each.confirm_by <= minute]
        self.end(late, "expired", minute)

    def lapse_of_offers(self, minute: int) -> None:
        """What nobody took in time goes on, one after the other."""
        late = [who for who in self.people if self._late(who, minute)]
        for who in sorted(late):
            self.give_up(who, self._late(who, minute), "expired", minute)

    def open_offers(self, who: UUID, minute: int) -> list[UUID]:
        """Places that are kept for her now."""
        return sorted(quota for quota, until in self.people[who].offered_until.items() if minute < until)

    def take_offers(self, who: UUID, minute: int) -> None:
        """She wants what is kept for her."""
        for quota in self.open_offers(who, minute):
            self.people[who].put(quota, "held")
        self._let_go_of_replaced(who)
        self._tell_standing(self.people[who])
        self.settle(minute)

    def change(self, who: UUID, chosen: list[UUID], minute: int) -> None:
        """She wants to take part there instead, and keeps what she has until that is hers."""
        person = self.people[who]
        if set(chosen) == set(person.within("held", "waiting", "applied", "offered")) - person.keeps.keys():
            return
        has_applied = not person.within("held", "waiting")
        if not person.within("waiting", "applied"):
            person.together = False  # she has got what she wanted together
        added = [each for each in chosen if person.states.get(each, "released") == "released"]
        person.keeps = {}
        self._leave_lines(who, [each for each in person.within("waiting", "applied") if each not in chosen])
        at_once = [self._add(who, each, has_applied=has_applied) for each in added].count("held")
        lines = person.within("waiting")
        unwanted = [each for each in person.within("held") if each not in chosen]
        given_up = unwanted[:at_once] if lines else unwanted
        for quota in given_up:
            person.put(quota, "released")
        for number, quota in enumerate(each for each in unwanted if each not in given_up):
            person.keeps[quota] = lines[min(number, len(lines) - 1)]
        person.status = "confirmed" if person.within("held") else "waiting"
        words = len(person.told)
        self.settle(minute)
        if len(person.told) == words and (at_once or person.status != "confirmed"):
            self._tell_standing(person)
        elif len(person.told) == words:
            person.told.append("PlaceChangeNoted")

    def _leave_lines(self, who: UUID, quotas: list[UUID]) -> None:
        for quota in quotas:
            if who in self.lines[quota]:
                self.lines[quota].remove(who)
            self.people[who].put(quota, "released")

    def _add(self, who: UUID, quota: UUID, *, has_applied: bool) -> str:
        is_hers = not self.people[who].together and self.is_free(quota)
        state = "applied" if has_applied else "held" if is_hers else "waiting"
        self.people[who].put(quota, state)
        if state == "waiting":
            self.lines[quota].append(who)
        return state

    def pass_on(self, giver: UUID, taker: UUID, friend: Person, minute: int) -> None:
        """A friend has what she had; what she waited for goes on."""
        friend.states = dict.fromkeys(self.people[giver].within("held"), "held")
        friend.is_confirmed = True
        for quota in friend.states:
            self.people[giver].put(quota, "released")
        self.people[taker] = friend
        self._tell_standing(friend)
        self.end([giver], "cancelled", minute)

    def keep_after_all(self, who: UUID) -> None:
        """The friend did not answer in time."""
        if self.people[who].status == "confirmed":
            self.people[who].told.append("HandOverLapsed")

    def give_up(self, who: UUID, quotas: list[UUID], status: str, minute: int) -> None:
        """Places that were kept for her go on; if she has and waits for nothing else, she is gone."""
        person = self.people[who]
        others = [each for each in person.within("held", "waiting", "offered") if each not in quotas]
        if not others:
            self.end([who], status, minute)
            return
        for quota in quotas:
            person.put(quota, "released")
        self._tell_standing(person)
        self.settle(minute)

    def decide(self, chosen: list[UUID], minute: int) -> None:
        """Those who applied line up in this order. Who has to wait hears of it afterwards."""
        self._line_up(chosen)
        self.settle(minute)
        for person in self.people.values():
            if person.is_untold and person.status == "waiting" and person.within("waiting"):
                person.told.append("RegistrationWaitlisted")
            person.is_untold = False

    def applicants(self) -> list[UUID]:
        """Those about whom can be decided: their addresses are theirs."""
        return [who for who, each in self.people.items() if each.status == "waiting" and each.within("applied")]

    def settle(self, minute: int) -> None:
        """Free places go to the first in line who can take them; who wants all or none lets others pass until then.

        What somebody kept only until then comes free and goes on in the same way. In the end those change places who
        only wait for each other.
        """
        while self._give_what_is_free(minute):
            pass
        while self._exchange():
            pass

    def _give_what_is_free(self, minute: int) -> bool:
        """Whether another place came free by it.

        Nobody gets a place while somebody before her in that line could take it. Only where two block each other, one
        being first here and the other there, the first in the first quota goes before.
        """
        moved: dict[UUID, list[UUID]] = {}
        while firsts := self._firsts():
            undisputed = [who for who in firsts.values() if all(firsts.get(each) == who for each in self._needs(who))]
            first_quota = min(firsts)
            who = undisputed[0] if undisputed else firsts[first_quota]
            quotas = self._needs(who) or [next(quota for quota, each in firsts.items() if each == who)]
            person = self.people[who]
            is_asked = self.offer_minutes and person.status != "pending"
            for quota in quotas:
                self.lines[quota].remove(who)
                until = minute + self.offer_minutes if is_asked else None
                person.put(quota, "offered" if is_asked else "held", until=until)
            moved.setdefault(who, []).extend(quotas)
        gave_back = [self._let_go_of_replaced(who) for who in moved]
        for who in moved:
            self._tell_moved(self.people[who])
        return any(gave_back)

    def _let_go_of_replaced(self, who: UUID) -> bool:
        """Whether she kept something only until now."""
        person = self.people[who]
        replaced = [held for held, wanted in person.keeps.items() if person.states[wanted] == "held"]
        for quota in replaced:
            person.put(quota, "released")
        return bool(replaced)

    def _exchange(self) -> bool:
        """One circle of people who each are the next where somebody else of them leaves; whether there was one."""
        leaves = {}
        for quota in sorted(self.capacity):
            line = sorted(self.lines[quota], key=lambda who: not self.people[who].is_confirmed)
            kept = [held for held, wanted in self.people[line[0]].keeps.items() if wanted == quota] if line else []
            if len(kept) == 1 and self.taken(quota) <= self.capacity[quota]:
                leaves[quota] = (line[0], kept[0])
        for start in leaves:
            around, quota = [start], leaves[start][1]
            while quota in leaves and quota not in around:
                around.append(quota)
                quota = leaves[quota][1]
            if quota == start:
                for each in around:
                    who, out_of = leaves[each]
                    self.lines[each].remove(who)
                    self.people[who].put(each, "held")
                    self.people[who].put(out_of, "released")
                for who in {leaves[each][0] for each in around}:
                    self._tell_standing(self.people[who])
                return True
        return False

    def _tell_moved(self, person: Person) -> None:
        if person.status == "pending":
            return
        person.is_untold = False
        if self.offer_minutes:
            person.told.append("PlaceOffered")
        else:
            self._tell_standing(person)

    def _firsts(self) -> dict[UUID, UUID]:
        """Of each quota with room the first in line who can take a place there."""
        found = {}
        for quota in sorted(self.capacity):
            confirmed_first = sorted(self.lines[quota], key=lambda who: not self.people[who].is_confirmed)
            able = [who for who in confirmed_first if all(self.has_room(each) for each in self._needs(who, quota))]
            if able:
                found[quota] = able[0]
        return found

    def _needs(self, who: UUID, quota: UUID | None = None) -> list[UUID]:
        """What she takes at once: all that she waits for, or only this quota."""
        person = self.people[who]
        return person.within("waiting") if person.together else [quota] if quota is not None else []

    def _line_up(self, chosen: list[UUID]) -> None:
        for who in chosen:
            for quota in self.people[who].within("applied"):
                self.people[who].put(quota, "waiting")
                self.lines[quota].append(who)
            self.people[who].is_untold = True

    def _late(self, who: UUID, minute: int) -> list[UUID]:
        return sorted(quota for quota, until in self.people[who].offered_until.items() if until <= minute)

    def _tell_standing(self, person: Person) -> None:
        person.status = "confirmed" if person.within("held") else "waiting"
        if person.status == "confirmed":
            person.told.append("RegistrationConfirmed")
        elif person.within("applied"):
            person.told.append("ApplicationReceived")
        else:
            person.told.append("PlaceOffered" if person.within("offered") else "RegistrationWaitlisted")
