"""Saying yes or no to those who applied."""

from shared.http.fields import Choice, Id, Line, Many, Wish

MOST = 200


class DecisionForm(Wish):
    """The page: who is ticked, and yes or no."""

    ids = Many(Id(), most=MOST, load_default=list)
    answer = Choice("approve", "decline", required=True)
    reason = Line(most=300, load_default="")


class ApprovalJson(Wish):
    """Who gets a place, in this order."""

    registration_ids = Many(Id(), least=1, most=MOST, required=True)


class RefusalJson(ApprovalJson):
    """Who does not, with a word why that is sent to them."""

    reason = Line(most=300, load_default="")
