"""What is said about a helper's phone."""

from shared.http.fields import Line, Wish


class DeviceForm(Wish):
    """The name of a phone or its gate."""

    name = Line(load_default="", most=60)
