"""People who hold a place and wait for another: who can move although nothing is free."""

from collections.abc import Mapping
from uuid import UUID


def circle(leads_to: Mapping[UUID, UUID]) -> list[UUID]:
    """Quotas in a circle, so that everybody moves on by one and nobody needs a free place; empty if there is none.

    `leads_to` says of a quota which other one comes free when the first in its line moves in.
    """
    for start in sorted(leads_to):
        path = [start]
        while (following := leads_to.get(path[-1])) is not None:
            if following in path:
                return path[path.index(following) :]
            path.append(following)
    return []
