"""Moving somebody in a waiting list as JSON."""

from marshmallow import Schema, fields

from shared.http.fields import Id, Line, Whole, Wish


class WaitingListQuery(Wish):
    """Which part of which list an organiser looks at."""

    quota = Id(load_default=None)
    page = Whole(least=1, most=1_000_000, load_default=1)


class MoveWish(Wish):
    """Where somebody is to stand, and why."""

    quota_id = Id(required=True)
    position = Whole(required=True, least=1, most=1_000_000, metadata={"description": "1 is next"})
    reason = Line(required=True, most=500, metadata={"description": "It stands in the log"})


class MoveForm(Wish):
    """The same on a page, which knows how many wait."""

    position = Whole(required=True)
    reason = Line(required=True, most=500)


class MoveSchema(Schema):
    """Where she stands now."""

    quota_id = fields.UUID(required=True)
    position = fields.Integer(required=True)
