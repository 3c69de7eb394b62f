"""Moving somebody in a waiting list as JSON."""

from marshmallow import Schema, fields

from shared.http.fields import Id, Line, Whole, Wish


class MoveWish(Wish):
    """Where somebody is to stand, and why."""

    quota_id = Id(required=True)
    position = Whole(required=True, least=1, most=1_000_000, metadata={"description": "1 is next"})
    reason = Line(required=True, most=500, metadata={"description": "It stands in the log"})


class MoveSchema(Schema):
    """Where she stands now."""

    quota_id = fields.UUID(required=True)
    position = fields.Integer(required=True)
