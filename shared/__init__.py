"""The small library under the three services; it imports none of them."""

__version__ = "0.1.0"
