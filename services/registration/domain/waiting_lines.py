"""Who gets the free places of an event whose quotas people combine."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from uuid import UUID


def next_in_lines(waiting: Iterable[tuple[UUID, UUID, bool]], free: Mapping[UUID, int]) -> dict[UUID, set[UUID]]:
    """The people to whom free places go, and in which quotas.

    `waiting` are (person, quota, only together with her other quotas) in the order of each quota's line. Whoever wants
    all or nothing lets others pass until there is room in all of hers. Nobody else is overtaken in any line; only where
    two block each other, one being first here and the other there, the first in the first quota goes before.
    """
    room = dict(free)
    lines: dict[UUID, deque[UUID]] = defaultdict(deque)
    needs: dict[UUID, set[UUID]] = defaultdict(set)
    for person, quota, together in waiting:
        lines[quota].append(person)
        if together:
            needs[person].add(quota)
    given: dict[UUID, set[UUID]] = {}
    while firsts := _firsts(lines, needs, room, given):
        wishes = [(person, needs.get(person, {quota})) for quota, person in sorted(firsts.items())]
        undisputed = (wish for wish in wishes if all(firsts.get(quota) == wish[0] for quota in wish[1]))
        person, into = next(undisputed, wishes[0])
        given.setdefault(person, set()).update(into)
        for quota in into:
            room[quota] -= 1
    return given


def _firsts(
    lines: Mapping[UUID, deque[UUID]],
    needs: Mapping[UUID, set[UUID]],
    room: Mapping[UUID, int],
    given: Mapping[UUID, set[UUID]],
) -> dict[UUID, UUID]:
    """Of each line the first who can take a place. Room only shrinks: whoever cannot now is dropped for good."""
    found = {}
    for quota, line in lines.items():
        while line and (
            quota in given.get(line[0], ()) or any(room.get(each, 0) <= 0 for each in needs.get(line[0], {quota}))
        ):
            line.popleft()
        if line:
            found[quota] = line[0]
    return found
